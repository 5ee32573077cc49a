import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { progress } from "../progress.ts";
import { layerEntries } from "./layer.ts";
import { packLayer, timeStamp } from "./tar.ts";

export interface LayerOptions {
  readonly manuals: boolean;
  /** A compressed layer beside the plain one. */
  readonly gzip: boolean;
}

/** The directory of the layer, which is also the context of an image's build. */
export const imageDirectory = "dist/image";

/** Writes the layer, and the Containerfile beside it. */
export async function writeLayer({ manuals, gzip: isCompressed }: LayerOptions): Promise<void> {
  const mtime = timeStamp(process.env["SOURCE_DATE_EPOCH"]);
  progress("Packing the layer ...");
  const entries = layerEntries({
    rootfs: "image/rootfs",
    executable: "dist/standalone/bin/upkeep",
    licences: "dist/THIRD-PARTY-LICENSES.txt",
    manuals: manuals ? "man" : null,
    bill: null,
  });
  const layer = await packLayer(entries, mtime);
  await mkdir(imageDirectory, { recursive: true });
  await replace("upkeep-layer.tar", layer);
  await replace("Containerfile", await readFile("image/Containerfile"));
  if (!isCompressed) return;
  progress("Compressing it ...");
  await replace("upkeep-layer.tar.gz", await promisify(gzip)(layer, { level: 9 }));
}

/** Replaces a file, so that an image build that runs meanwhile reads the old one or the new one. */
async function replace(name: string, content: Uint8Array): Promise<void> {
  const temporary = join(imageDirectory, `.${name}.${process.pid}`);
  await writeFile(temporary, content);
  await rename(temporary, join(imageDirectory, name));
}
