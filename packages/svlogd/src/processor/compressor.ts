import { createReadStream, createWriteStream } from "node:fs";

/** Processors that need no child process: the words of `!gzip` and `!zstd`. */
const compressors = ["gzip", "zstd"] as const;

type Compressor = (typeof compressors)[number];

export function isCompressor(command: string): command is Compressor {
  return (compressors as readonly string[]).includes(command);
}

/** Compresses the open file `from` into the open file `to`. Both stay open. Rejects when this fails. */
export async function compress(compressor: Compressor, from: number, to: number): Promise<void> {
  // Loaded only now: few loggers compress, and the memory would be every logger's.
  const [zlib, { pipeline }] = await Promise.all([import("node:zlib"), import("node:stream/promises")]);
  await pipeline(
    createReadStream("", { fd: from, autoClose: false }),
    compressor === "gzip" ? zlib.createGzip() : zlib.createZstdCompress(),
    createWriteStream("", { fd: to, autoClose: false }),
  );
}
