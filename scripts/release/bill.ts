import { createHash } from "node:crypto";

import { ComponentType, ExternalReferenceType, HashAlgorithm } from "@cyclonedx/cyclonedx-library/Enums";
import {
  Bom,
  Component,
  ComponentRepository,
  ExternalReference,
  ExternalReferenceRepository,
  HashDictionary,
  LicenseRepository,
  Metadata,
  NamedLicense,
  Property,
  PropertyRepository,
  SpdxLicense,
} from "@cyclonedx/cyclonedx-library/Models";
import { JSON as Json, JsonSerializer } from "@cyclonedx/cyclonedx-library/Serialize";
import { Spec1dot6 } from "@cyclonedx/cyclonedx-library/Spec";
import { fixupSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";

/** The specification of the bills. Scanners of vulnerabilities read 1.6; not all read later ones yet. */
export const specification = Spec1dot6;

/** A package of npm that is inside. */
export interface Part {
  readonly name: string;
  readonly version: string;
  /** An SPDX identifier, or words. */
  readonly licence: string;
  /** SHA-512 of what npm serves, in hexadecimal digits. */
  readonly sha512: string;
}

/** A library inside the runtime: its maker says which, but not of which version. */
export interface Inner {
  readonly name: string;
  readonly url: string;
  readonly licence: string;
}

/** What a bill is about. */
export interface Contents {
  readonly version: string;
  readonly licence: string;
  /** Of the machine that it is for, as in the name of the archive. */
  readonly target: string;
  /** Null: of no commit. */
  readonly commit: string | null;
  /** SHA-256 of the executable, in hexadecimal digits. */
  readonly sha256: string;
  readonly libraries: readonly Part[];
  readonly runtime: Part & { readonly inside: readonly Inner[] };
  readonly time: Date;
}

/** The bill of materials of an executable, as JSON of CycloneDX. The same contents give the same bytes. */
export function renderBill(contents: Contents): string {
  const { version, licence, target, commit, sha256, libraries, runtime, time } = contents;
  const parts = [...libraries.map(componentOf), runtimeOf(runtime)];
  const suite = new Component(ComponentType.Application, "upkeep", {
    bomRef: "upkeep",
    version,
    description: "A runit/s6-style service-directory supervision suite",
    purl: `pkg:generic/upkeep@${version}`,
    licenses: licencesOf(licence),
    hashes: new HashDictionary([[HashAlgorithm["SHA-256"], sha256]]),
    properties: new PropertyRepository([
      new Property("upkeep:target", target),
      ...(commit === null ? [] : [new Property("upkeep:commit", commit)]),
    ]),
  });
  for (const part of parts) suite.dependencies.add(part.bomRef);
  const bill = new Bom({
    metadata: new Metadata({ timestamp: time, component: suite }),
    components: new ComponentRepository(parts),
  });
  // Sorted, so that the order in which the parts were found makes no difference.
  bill.serialNumber = `urn:uuid:${uuidOf(serialize(bill))}`;
  return `${serialize(bill)}\n`;
}

function serialize(bill: Bom): string {
  const serializer = new JsonSerializer(new Json.Normalize.Factory(specification));
  return serializer.serialize(bill, { sortLists: true, space: 2 });
}

function runtimeOf({ inside, ...part }: Contents["runtime"]): Component {
  const component = componentOf(part);
  for (const inner of inside) component.components.add(innerOf(inner));
  return component;
}

function componentOf({ name, version, licence, sha512 }: Part): Component {
  const [base = name, group] = name.split("/").toReversed();
  const file = `https://registry.npmjs.org/${name}/-/${base}-${version}.tgz`;
  return new Component(ComponentType.Library, base, {
    bomRef: `${name}@${version}`,
    ...(group === undefined ? {} : { group }),
    version,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    licenses: licencesOf(licence),
    externalReferences: new ExternalReferenceRepository([
      new ExternalReference(file, ExternalReferenceType.Distribution, {
        hashes: new HashDictionary([[HashAlgorithm["SHA-512"], sha512]]),
      }),
    ]),
  });
}

function innerOf({ name, url, licence }: Inner): Component {
  return new Component(ComponentType.Library, name, {
    bomRef: `runtime/${name}`,
    licenses: licencesOf(licence),
    externalReferences: new ExternalReferenceRepository([new ExternalReference(url, ExternalReferenceType.VCS)]),
  });
}

function licencesOf(licence: string): LicenseRepository {
  const id = fixupSpdxId(licence);
  return new LicenseRepository([id === undefined ? new NamedLicense(licence) : new SpdxLicense(id)]);
}

/** Another one for another text: 16 bytes of its hash, as a UUID of version 8 (RFC 9562). */
function uuidOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The libraries in Bun, from the table in its page about licences. Throws where that has none. */
export function libraryTable(page: string): readonly Inner[] {
  const [, section = ""] = page.split(/^## Linked libraries$/m);
  const [table = ""] = section.split(/^## /m);
  const rows = table.matchAll(/^\| (?:.*?)\[`?(.+?)`?\]\((.+?)\)(.*?)\| *(.*?) *\|$/gm);
  const inside = [...rows]
    .filter(([, , , where = ""]) => !/^ *\(on Windows\)/.test(where))
    .map(([, name = "", url = "", , licence = ""]) => ({ name, url, licence: spdxOf(licence) }));
  if (inside.length === 0) throw new Error("Bun's page about licences lists no linked libraries");
  // It has a section of its own there.
  const engine = { name: "JavaScriptCore", url: "https://github.com/oven-sh/webkit", licence: "LGPL-2" };
  return [engine, ...inside];
}

/** A cell of that table: the identifier if it names one licence, else its words. */
function spdxOf(cell: string): string {
  const words = cell.replace(/^\[(.*?)\]\(.*\)$/, "$1").replace(/ licensed$/, "");
  const id = words
    .replace(/^BSD (\d)-Clause$/, "BSD-$1-Clause")
    .replace(/^Apache 2\.0$/, "Apache-2.0")
    .replace(/^ICU license$/, "ICU");
  return fixupSpdxId(id) ?? words;
}
