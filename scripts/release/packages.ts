import { mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

import { execa } from "execa";

import { progress } from "../progress.ts";
import { releaseDate } from "./date.ts";
import { isDebianTarget, makeDebianPackage } from "./debian/package.ts";
import { isPlatform } from "./npm/manifests.ts";
import { makePlatformPackage, makeSuitePackage } from "./npm/package.ts";

/** What all packages of a release have in common. */
export interface PackageOptions {
  readonly directory: string;
  readonly version: string;
  /** Of xz and gzip, 0 to 9. */
  readonly level: number;
}

/** Koffi's parts for all machines, once the runtimes have been fetched. */
const natives = ["koffi-linux-arm64", "koffi-linux-x64"].map((name) =>
  resolve("dist/runtimes/node_modules/@koromix", name),
);

/**
 * Makes the Debian and npm packages of targets, from their archives: they hold the very same executables. There are none for
 * other targets.
 *
 * @param targets names of targets whose archives are there. @returns the names of the packages.
 */
export async function makePackages(targets: Iterable<string>, options: PackageOptions): Promise<readonly string[]> {
  const { directory, version, level } = options;
  const date = await releaseDate(process.env["SOURCE_DATE_EPOCH"]);
  const common = { directory, version, level, date };
  const made: string[] = [];
  for (const target of targets) {
    if (!isDebianTarget(target) && !isPlatform(target)) continue;
    progress(`Making the packages for ${target} ...`);
    const staging = await mkdtemp(join(directory, ".executable-"));
    try {
      const path = "usr/lib/upkeep/upkeep";
      const archive = join(directory, `upkeep-${version}-${target}.tar.xz`);
      await execa("tar", ["-C", staging, "-xJf", archive, path], { stdin: "ignore" });
      const executable = join(staging, path);
      if (isDebianTarget(target)) made.push(await makeDebianPackage(target, executable, common));
      if (isPlatform(target)) made.push(await makePlatformPackage(target, executable, common));
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  progress("Making the npm package ...");
  return [...made, await makeSuitePackage("dist/node", natives, common)];
}
