import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";

import { packLayer, timeStamp } from "../image/tar.ts";
import { rootManifest } from "../manifest.ts";
import type { ArchiveOptions } from "./archive.ts";
import { imageLayout, type Platform } from "./oci.ts";

const binary = { encoding: "buffer", maxBuffer: Infinity } as const;

/** The archives whose layers become images, and the architecture of each. An image cannot say which libc it needs. */
const architectures = { "linux-x64": "amd64", "linux-arm64": "arm64" } as const;

/**
 * Makes an archive with an OCI image layout from those archives of a release that are for glibc.
 *
 * @returns its name; nothing where there is none of them.
 */
export async function makeLayout(options: ArchiveOptions, targets: ReadonlySet<string>): Promise<readonly string[]> {
  const { directory, version, commit, level } = options;
  const platforms: Platform[] = [];
  for (const [target, architecture] of Object.entries(architectures)) {
    if (!targets.has(target)) continue;
    const archive = join(directory, `upkeep-${version}-${target}.tar.xz`);
    const tar = await decompress(archive);
    const diff = createHash("sha256").update(tar).digest("hex");
    platforms.push({ architecture, diff, layer: await compress(tar, level) });
  }
  if (platforms.length === 0) return [];
  const time = timeStamp(process.env["SOURCE_DATE_EPOCH"]);
  const entries = imageLayout(platforms, { version, licence: rootManifest().license, commit, time });
  const name = `upkeep-${version}-oci.tar`;
  await writeFile(join(directory, name), await packLayer(entries, time));
  return [name];
}

async function decompress(archive: string): Promise<Uint8Array> {
  const { stdout } = await execa("xz", ["--decompress", "--stdout", archive], { ...binary, stdin: "ignore" });
  return stdout;
}

/**
 * By gzip, which all engines read, unlike zstd. Not by zlib of Node: what that makes depends on what the processor can do.
 */
async function compress(tar: Uint8Array, level: number): Promise<Uint8Array> {
  const { stdout } = await execa("gzip", ["--no-name", `-${Math.max(1, level)}`], { ...binary, input: tar });
  return stdout;
}
