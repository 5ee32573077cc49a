import { mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

import { execa } from "execa";

import { progress } from "../progress.ts";
import { isDebianTarget, makeDebianPackage } from "./debian/package.ts";
import { isPlatform } from "./npm/manifests.ts";
import { makePlatformPackage, makeSuitePackage } from "./npm/package.ts";

/** What all packages of a release have in common. */
export interface PackageOptions {
  readonly directory: string;
  readonly version: string;
  /** The time of all files. */
  readonly date: Date;
  /** Of xz and gzip, 0 to 9. */
  readonly level: number;
}

/** Koffi's parts for all machines, once the runtimes have been fetched. */
const natives = ["koffi-linux-arm64", "koffi-linux-x64"].map((name) =>
  resolve("dist/runtimes/node_modules/@koromix", name),
);

/**
 * Makes the Debian and npm packages of targets. They hold the very executables of the archives.
 *
 * @param targets names of targets, with the names of their archives. @returns the names of the packages.
 */
export async function makePackages(
  targets: ReadonlyMap<string, string>,
  options: PackageOptions,
): Promise<readonly string[]> {
  const made: string[] = [];
  for (const [target, archive] of targets) {
    if (!isDebianTarget(target) && !isPlatform(target)) continue;
    progress(`Making the packages for ${target} ...`);
    const staging = await mkdtemp(join(options.directory, ".executable-"));
    try {
      const path = "usr/lib/upkeep/upkeep";
      await execa("tar", ["-C", staging, "-xJf", join(options.directory, archive), path], { stdin: "ignore" });
      const executable = join(staging, path);
      if (isDebianTarget(target)) made.push(await makeDebianPackage(target, executable, options));
      if (isPlatform(target)) made.push(await makePlatformPackage(target, executable, options));
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  progress("Making the npm package ...");
  return [...made, await makeSuitePackage("dist/node", natives, options)];
}
