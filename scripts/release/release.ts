import { progress } from "../progress.ts";
import { copyLicences, makeArchive, type ReleaseOptions, writeSums } from "./archive.ts";
import { makeLayout } from "./layout.ts";
import { makePackages } from "./packages.ts";
import { targets } from "./targets.ts";

/**
 * Makes a release for some targets, whose runtimes are there, after a build, in an empty directory.
 *
 * @param names of the targets. @returns the names of all files.
 */
export async function makeRelease(names: ReadonlySet<string>, options: ReleaseOptions): Promise<readonly string[]> {
  const { directory } = options;
  const made: string[] = [];
  for (const target of targets.filter(({ name }) => names.has(name))) {
    progress(`Making the archive for ${target.name}${target.isTested ? "" : " (not tested)"} ...`);
    made.push(...(await makeArchive(target, options)));
  }
  made.push(...(await makePackages(names, options)));
  progress("Making the image layout ...");
  made.push(...(await makeLayout(options, names)), ...(await copyLicences(directory)));
  await writeSums(directory, made);
  return [...made, "SHA256SUMS"];
}
