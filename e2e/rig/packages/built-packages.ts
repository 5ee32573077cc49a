/*
 * The packages of the build under test, and of one that gives itself another version: made once for all test processes.
 * They are those of this machine, hardly compressed.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheDirectory, contentOf, repositoryRoot } from "../core/files.ts";
import { type Need, program } from "../core/needs.ts";
import { makeOtherVersion, otherVersion, version } from "../core/other-build.ts";
import { node, standalone } from "../core/suites.ts";

/** The files of one version, all in one directory. */
export interface Packages {
  readonly version: string;
  readonly directory: string;
  /** Names of the files. */
  readonly debian: string;
  readonly suite: string;
  readonly platform: string;
  /** To be unpacked in the root directory over an older version: the executable alone, as all else is the same. */
  readonly archive: string;
}

const machine = process.arch === "arm64" ? { node: "arm64", debian: "arm64" } : { node: "x64", debian: "amd64" };

const packagesOf = (of: string, directory: string): Packages => ({
  version: of,
  directory: join(repositoryRoot, directory),
  debian: `upkeep_${of}-1_${machine.debian}.deb`,
  suite: `upkeep-${of}.tgz`,
  platform: `upkeep-linux-${machine.node}-${of}.tgz`,
  archive: `upkeep-${of}.tar`,
});

/** The version under test. */
export const current: Packages = packagesOf(version, "dist/packages");
/** The other one. */
export const next: Packages = packagesOf(otherVersion, "dist/packages-next");

const build = standalone.available && node.available ? undefined : standalone.reason || node.reason;

/** For a test's `needs`: makes the packages unless they are there. Of several test processes, one makes them for all. */
export async function packagesBuilt(): Promise<Need> {
  const lacking = build ?? program("dpkg-deb", "dpkg") ?? program("flock", "util-linux");
  if (lacking !== undefined) return lacking;
  mkdirSync(cacheDirectory, { recursive: true });
  const lock = join(cacheDirectory, "built-packages.lock");
  await execa("flock", [lock, process.execPath, import.meta.filename], { stdin: "ignore" });
  return undefined;
}

/** What the packages are made from. */
function fingerprint(): string {
  const hash = createHash("sha256").update(contentOf(join(repositoryRoot, "dist/stamp")));
  const inputs = ["scripts/release/**", "docs/**", "man/*", "README.md", "CHANGELOG.md"];
  for (const path of globSync(inputs, { cwd: repositoryRoot }).toSorted()) {
    const file = join(repositoryRoot, path);
    if (statSync(file).isFile()) hash.update(`\0${path}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

async function make(): Promise<void> {
  const stamp = join(next.directory, "stamp");
  const wanted = fingerprint();
  if (contentOf(stamp) === wanted && existsSync(join(current.directory, current.debian))) return;
  const other = join(repositoryRoot, "dist/other");
  for (const path of [current.directory, next.directory, other]) rmSync(path, { recursive: true, force: true });
  makeOtherVersion(standalone, join(other, "standalone"));
  makeOtherVersion(node, join(other, "node"));
  await makePackages(current, join(repositoryRoot, "dist"));
  await makePackages(next, other);
  rmSync(other, { recursive: true });
  writeFileSync(stamp, wanted);
}

async function makePackages({ version: of, directory, archive }: Packages, from: string): Promise<void> {
  const words = ["scripts/packages.ts", "--directory", directory, "--build", from, "--version", of];
  await execa(process.execPath, words, { cwd: repositoryRoot, stdin: "ignore" });
  const place = "s,^,usr/lib/upkeep/,";
  const options = ["-C", join(from, "standalone/bin"), "--owner=0", "--group=0", `--transform=${place}`];
  await execa("tar", [...options, "-cf", join(directory, archive), "upkeep"], { stdin: "ignore" });
}

if (import.meta.main) await make();
