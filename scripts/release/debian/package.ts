import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";

import type { LayerEntry } from "../../image/layer.ts";
import { rootManifest } from "../../manifest.ts";
import { debianVersion, libcNeededBy, maintainerOf, renderControl } from "./control.ts";
import { installedSize, renderConffiles, renderSums, treeEntries, writeTree } from "./tree.ts";

/** What the Debian packages of a release have in common. */
export interface DebianOptions {
  readonly directory: string;
  readonly version: string;
  /** The time of all files that are younger. */
  readonly date: Date;
  /** Of xz, 0 to 9; null: hardly compressed, in seconds. */
  readonly level: number | null;
}

/** The targets that have a Debian package, and what Debian calls their machines. */
export const architectures = { "linux-x64": "amd64", "linux-arm64": "arm64" } as const;

export function isDebianTarget(name: string): name is keyof typeof architectures {
  return Object.hasOwn(architectures, name);
}

const maintainerScripts = ["preinst", "postinst", "prerm", "postrm"] as const;

/**
 * Makes the Debian package of a target, by dpkg-deb.
 *
 * @param executable the one that the archive of the target has. @returns its name.
 */
export async function makeDebianPackage(
  target: keyof typeof architectures,
  executable: string,
  { directory, version, date, level }: DebianOptions,
): Promise<string> {
  const architecture = architectures[target];
  const name = `upkeep_${debianVersion(version)}_${architecture}.deb`;
  const maintainer = maintainerOf(process.env, rootManifest().author);
  const staging = await mkdtemp(join(directory, ".debian-"));
  try {
    const entries = treeEntries({ executable, version, maintainer, date });
    const facts = {
      version,
      architecture,
      libc: libcNeededBy(readFileSync(executable)),
      installedSize: installedSize(entries),
    };
    await writeTree(staging, entries);
    await writeTree(join(staging, "DEBIAN"), controlEntries(entries, renderControl(facts, maintainer)));
    await chmod(staging, 0o755);
    // With threads the result would depend on their number.
    const compression = level === null ? ["-Zgzip", "-z1"] : ["-Zxz", `-z${level}`, "--threads-max=1"];
    await execa("dpkg-deb", ["--root-owner-group", ...compression, "--build", staging, join(directory, name)], {
      stdin: "ignore",
      env: { SOURCE_DATE_EPOCH: String(Math.floor(date.getTime() / 1000)) },
    });
    return name;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function controlEntries(entries: readonly LayerEntry[], control: string): readonly LayerEntry[] {
  const scripts = "scripts/release/debian/scripts";
  const aliased = aliasedPaths(entries).join(" ");
  const file = (path: string, content: string, mode = 0o644): LayerEntry => {
    return { kind: "file", path, mode, content: Buffer.from(content) };
  };
  return [
    file("control", control),
    file("conffiles", renderConffiles(entries)),
    file("md5sums", renderSums(entries)),
    file("triggers", readFileSync(join(scripts, "triggers"), "utf8")),
    ...maintainerScripts.map((name) =>
      file(name, readFileSync(join(scripts, name), "utf8").replaceAll("@ALIASED@", aliased), 0o755),
    ),
  ];
}

/** Files of ours that runit's package has by another name, below / instead of /usr: where that is a link, the same file. */
export function aliasedPaths(entries: readonly LayerEntry[]): readonly string[] {
  return entries
    .map(({ path }) => /^usr(\/sbin\/(?:runit|update-service)|\/lib\/(?:runit|lsb)\/.*)$/.exec(path)?.[1])
    .filter((path) => path !== undefined);
}
