import { mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

import { execa } from "execa";

import { buildForNode } from "../build/for-node.ts";
import { progress } from "../progress.ts";
import type { ReleaseOptions } from "./archive.ts";
import { isDebianTarget, makeDebianPackage } from "./debian/package.ts";
import { isPlatform } from "./npm/manifests.ts";
import { makePlatformPackage, makeSuitePackage } from "./npm/package.ts";

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
export async function makePackages(targets: Iterable<string>, options: ReleaseOptions): Promise<readonly string[]> {
  const { directory, version, commit } = options;
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
      if (isDebianTarget(target)) made.push(await makeDebianPackage(target, executable, options));
      if (isPlatform(target)) made.push(await makePlatformPackage(target, executable, options));
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  progress("Making the npm package ...");
  // Not those of the build, which do not tell the commit.
  const staging = await mkdtemp(join(directory, ".node-"));
  try {
    await buildForNode(staging, commit);
    return [...made, await makeSuitePackage(staging, natives, options)];
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
