import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { execa } from "execa";

import { packLayer, timeStamp } from "../image/tar.ts";
import { rootManifest } from "../manifest.ts";
import type { ReleaseOptions } from "./archive.ts";
import { sha256Of } from "./contents.ts";
import { gzipFile } from "./gzip.ts";
import { imageLayout, type Platform } from "./oci.ts";

/** The archives whose layers become images, and the architecture of each. An image cannot say which libc it needs. */
const architectures = { "linux-x64": "amd64", "linux-arm64": "arm64" } as const;

/**
 * Makes an archive with an OCI image layout from those archives of a release that are for glibc.
 *
 * @returns its name; nothing where there is none of them.
 */
export async function makeLayout(options: ReleaseOptions, targets: ReadonlySet<string>): Promise<readonly string[]> {
  const { directory, version, commit, level } = options;
  const platforms: Platform[] = [];
  for (const [target, architecture] of Object.entries(architectures)) {
    if (!targets.has(target)) continue;
    const archive = join(directory, `upkeep-${version}-${target}.tar.xz`);
    platforms.push({ architecture, ...(await layerOf(archive, level)) });
  }
  if (platforms.length === 0) return [];
  const entries = imageLayout(platforms, { version, licence: rootManifest().license, commit, time: options.date });
  const name = `upkeep-${version}-oci.tar`;
  await writeFile(join(directory, name), await packLayer(entries, timeStamp(process.env["SOURCE_DATE_EPOCH"])));
  return [name];
}

/** The layer in an archive, compressed by gzip: all engines read that, unlike zstd. */
async function layerOf(archive: string, level: number): Promise<Pick<Platform, "diff" | "layer">> {
  const staging = await mkdtemp(join(dirname(archive), ".staging-"));
  const tar = join(staging, "layer.tar");
  try {
    // Through no pipe: on a busy machine that would take a turn of both sides for every few kilobytes.
    await execa("sh", ["-c", 'exec xz --decompress --stdout "$0" >"$1"', archive, tar], { stdin: "ignore" });
    const diff = await sha256Of(tar);
    return { diff, layer: await readFile(await gzipFile(tar, level)) };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
