import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { execa } from "execa";

import { buildExecutable } from "../build/standalone.ts";
import { layerEntries } from "../image/layer.ts";
import { packLayer, timeStamp } from "../image/tar.ts";
import { runtimeOf } from "./runtimes.ts";
import type { Target } from "./targets.ts";

/** What all archives of a release have in common. */
export interface ArchiveOptions {
  readonly directory: string;
  readonly version: string;
  readonly commit: string | null;
  /** Of xz, 0 to 9. */
  readonly level: number;
}

/** Makes the archive of a target: the layer, to be unpacked in the root directory. @returns its name. */
export async function makeArchive(target: Target, options: ArchiveOptions): Promise<string> {
  const name = `upkeep-${options.version}-${target.name}.tar.xz`;
  const staging = await mkdtemp(join(options.directory, ".staging-"));
  try {
    const { name: targetName, bun } = target;
    await buildExecutable(staging, {
      name: targetName,
      target: bun,
      runtime: runtimeOf(target),
      commit: options.commit,
    });
    const entries = layerEntries({
      rootfs: "image/rootfs",
      executable: join(staging, "upkeep"),
      licences: "dist/THIRD-PARTY-LICENSES.txt",
      manuals: "man",
    });
    const archive = join(staging, name.slice(0, -".xz".length));
    await writeFile(archive, await packLayer(entries, timeStamp(process.env["SOURCE_DATE_EPOCH"])));
    // With threads the result would depend on their number.
    await execa("xz", ["--threads=1", `-${options.level}`, archive], { stdin: "ignore" });
    await rename(`${archive}.xz`, join(options.directory, name));
    return name;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Writes SHA256SUMS for files of a directory, as sha256sum(1) checks it. */
export async function writeSums(directory: string, names: readonly string[]): Promise<void> {
  const lines: string[] = [];
  for (const name of names) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(join(directory, name)), hash);
    lines.push(`${hash.digest("hex")}  ${name}\n`);
  }
  await writeFile(join(directory, "SHA256SUMS"), lines.join(""));
}
