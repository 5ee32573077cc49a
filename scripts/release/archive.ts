import { cp, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { execa } from "execa";

import { buildExecutable } from "../build/standalone.ts";
import { layerEntries } from "../image/layer.ts";
import { packLayer, timeStamp } from "../image/tar.ts";
import { renderBill } from "./bill.ts";
import { contentsOf, sha256Of } from "./contents.ts";
import { runtimeOf } from "./runtimes.ts";
import type { Target } from "./targets.ts";

/** What all parts of a release have in common. */
export interface ReleaseOptions {
  readonly directory: string;
  readonly version: string;
  readonly commit: string | null;
  /** Of xz and gzip, 0 to 9. */
  readonly level: number;
  /** Of the release: the time in the bill of materials, and that of all files in packages. */
  readonly date: Date;
}

/**
 * Makes the archive of a target: the layer, to be unpacked in the root directory; and beside it the bill of materials that
 * is also in it. @returns their names.
 */
export async function makeArchive(target: Target, options: ReleaseOptions): Promise<readonly string[]> {
  const base = `upkeep-${options.version}-${target.name}`;
  const name = `${base}.tar.xz`;
  const staging = await mkdtemp(join(options.directory, ".staging-"));
  try {
    const { name: targetName, bun } = target;
    await buildExecutable(staging, {
      name: targetName,
      target: bun,
      runtime: runtimeOf(target),
      commit: options.commit,
    });
    const executable = join(staging, "upkeep");
    const bill = join(options.directory, `${base}.cdx.json`);
    await writeFile(bill, renderBill(await contentsOf(target, executable, options)));
    const entries = layerEntries({
      rootfs: "image/rootfs",
      executable,
      licences: "dist/THIRD-PARTY-LICENSES.txt",
      manuals: "man",
      bill,
    });
    const archive = join(staging, `${base}.tar`);
    await writeFile(archive, await packLayer(entries, timeStamp(process.env["SOURCE_DATE_EPOCH"])));
    // With threads the result would depend on their number.
    await execa("xz", ["--threads=1", `-${options.level}`, archive], { stdin: "ignore" });
    await rename(`${archive}.xz`, join(options.directory, name));
    return [name, `${base}.cdx.json`];
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Writes SHA256SUMS for files of a directory, as sha256sum(1) checks it. */
export async function writeSums(directory: string, names: readonly string[]): Promise<void> {
  const lines: string[] = [];
  for (const name of names) lines.push(`${await sha256Of(join(directory, name))}  ${name}\n`);
  await writeFile(join(directory, "SHA256SUMS"), lines.join(""));
}

/** Copies the licences of the suite and of all that is in it. @returns their names. */
export async function copyLicences(directory: string): Promise<readonly string[]> {
  for (const path of ["LICENSE", "dist/THIRD-PARTY-LICENSES.txt"]) await cp(path, join(directory, basename(path)));
  return ["LICENSE", "THIRD-PARTY-LICENSES.txt"];
}
