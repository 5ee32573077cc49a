import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

import { parse } from "yaml";

import { readBunLicence } from "../build/licences.ts";
import { rootManifest } from "../manifest.ts";
import type { ReleaseOptions } from "./archive.ts";
import { type Contents, libraryTable, type Part } from "./bill.ts";
import { runtimesLockfile } from "./runtimes.ts";
import type { Target } from "./targets.ts";

/** What `dist/libraries.json` has for each library. */
type Built = Omit<Part, "sha512">;

/** What a bill needs of a lockfile of pnpm. */
interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly resolution: { readonly integrity?: string } }>>;
}

/** Of npm packages of the build, the one that the executable does without: it calls libc by its runtime's own means. */
const onlyForNode = "koffi";

/** Finds out what an executable contains, after a build. */
export async function contentsOf(
  target: Target,
  executable: string,
  { commit, date }: Pick<ReleaseOptions, "commit" | "date">,
): Promise<Contents> {
  const { version, license } = rootManifest();
  const built = JSON.parse(await readFile("dist/libraries.json", "utf8")) as readonly Built[];
  const lockfile = await readLockfile("pnpm-lock.yaml");
  const libraries = built
    .filter(({ name }) => name !== onlyForNode)
    .map((library) => ({ ...library, sha512: sha512Of(lockfile, library) }));
  return {
    version,
    licence: license,
    target: target.name,
    commit,
    sha256: await sha256Of(executable),
    libraries,
    runtime: await runtimeFacts(target),
    time: date,
  };
}

async function runtimeFacts({ runtime: name }: Target): Promise<Contents["runtime"]> {
  const lockfile = await readLockfile(runtimesLockfile);
  const version = Object.keys(lockfile.packages)
    .find((key) => key.startsWith(`${name}@`))
    ?.slice(name.length + 1);
  if (version === undefined) throw new Error(`${runtimesLockfile} has no ${name}`);
  const part = { name, version, licence: "MIT" };
  return { ...part, sha512: sha512Of(lockfile, part), inside: libraryTable(await readBunLicence()) };
}

async function readLockfile(path: string): Promise<Lockfile> {
  return parse(await readFile(path, "utf8")) as Lockfile;
}

function sha512Of({ packages }: Lockfile, { name, version }: Built): string {
  const integrity = packages[`${name}@${version}`]?.resolution.integrity;
  const [, base64] = /^sha512-(\S+)$/.exec(integrity ?? "") ?? [];
  if (base64 === undefined) throw new Error(`the lockfile has no SHA-512 of ${name}@${version}`);
  return Buffer.from(base64, "base64").toString("hex");
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
