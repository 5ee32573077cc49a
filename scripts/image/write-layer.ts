import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";

import { progress } from "../progress.ts";
import { layerEntries } from "./layer.ts";
import { packLayer, timeStamp } from "./tar.ts";

export interface LayerOptions {
  readonly manuals: boolean;
  /** `gzip` or `zstd`: a compressed layer beside the plain one. */
  readonly compress?: string | undefined;
}

/** The directory of the layer, which is also the context of an image's build. */
export const imageDirectory = "dist/image";

const compressors: Readonly<Record<string, readonly [extension: string, (bytes: Uint8Array) => Promise<Uint8Array>]>> =
  {
    gzip: ["gz", async (bytes) => await promisify(gzip)(bytes, { level: 9 })],
    zstd: [
      "zst",
      async (bytes) => await promisify(zstdCompress)(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }),
    ],
  };

/** Writes the layer, and the Containerfile beside it. */
export async function writeLayer({ manuals, compress }: LayerOptions): Promise<void> {
  const compressor = compress === undefined ? undefined : compressors[compress];
  if (compress !== undefined && compressor === undefined) {
    throw new Error(`--compress: ${compress} is none of ${Object.keys(compressors).join(", ")}`);
  }
  const mtime = timeStamp(process.env["SOURCE_DATE_EPOCH"]);
  progress("Packing the layer ...");
  const entries = layerEntries({ rootfs: "image/rootfs", dist: "dist", manuals: manuals ? "man" : null });
  const layer = await packLayer(entries, mtime);
  await mkdir(imageDirectory, { recursive: true });
  await replace("upkeep-layer.tar", layer);
  await replace("Containerfile", await readFile("image/Containerfile"));
  if (compressor === undefined) return;
  const [extension, work] = compressor;
  progress("Compressing it ...");
  await replace(`upkeep-layer.tar.${extension}`, await work(layer));
}

/** A build of an image that runs meanwhile reads the old file or the new one. */
async function replace(name: string, content: Uint8Array): Promise<void> {
  const temporary = join(imageDirectory, `.${name}.${process.pid}`);
  await writeFile(temporary, content);
  await rename(temporary, join(imageDirectory, name));
}
