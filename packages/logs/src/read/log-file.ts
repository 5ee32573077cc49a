import { closeSync, constants, fstatSync, readSync, type BigIntStats } from "node:fs";

import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { openRegular } from "@upkeep/linux/fd/files";

import type { LineCursor } from "../lines/line-cursor.ts";

/** A log that is open for reading. */
export interface LogFile {
  /** Names the file for as long as it is open, whatever it is called by then. */
  readonly id: string;
  /** Whether its bytes have positions: it is not compressed. */
  readonly isPlain: boolean;
  /** Bytes, as of now. */
  size(): number;
  /** Gives the cursor what comes next; false: there is no more of it now. Throws SystemError. */
  read(cursor: LineCursor): Promise<boolean>;
  /** Reads from a position on; returns how many bytes there were. Throws SystemError. */
  readAt(bytes: Uint8Array, position: number): number;
  /** Goes on there. Only for a plain file. */
  seek(position: number): void;
  /** How far it has been given to the cursor. */
  position(): number;
  close(): void;
}

/** Opens a log, which may be compressed by gzip or zstd. Null where there is none. Throws SystemError. */
export function openLogFile(path: string): LogFile | null {
  const fd = openOrNull(path);
  if (fd === null) return null;
  try {
    const stat = attempt(`stat ${path}`, () => fstatSync(fd, { bigint: true }));
    const first = Buffer.alloc(4);
    const length = attempt(`read ${path}`, () => readSync(fd, first, 0, 4, 0));
    const compression = compressionOf(first.subarray(0, length));
    return compression === null ? plainFile(path, fd, stat) : compressedFile(path, fd, stat, compression);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The {@link LogFile.id} of a file. */
export function identify({ dev, ino }: Pick<BigIntStats, "dev" | "ino">): string {
  return `${dev}:${ino}`;
}

/** No logger makes links: one would show whoever reads the log a file that its maker may not read. */
function openOrNull(path: string): number | null {
  try {
    return openRegular(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const reason = errnoOf(error);
    if (reason === errno.ENOENT) return null;
    if (reason === errno.ELOOP) throw new SystemError(`open ${path}`, errno.ENOTREG);
    throw SystemError.from(`open ${path}`, error);
  }
}

type Compression = "gzip" | "zstd";

function compressionOf(first: Buffer): Compression | null {
  const magic = first.toString("hex");
  if (magic.startsWith("1f8b08")) return "gzip";
  return magic === "28b52ffd" ? "zstd" : null;
}

function plainFile(path: string, fd: number, stat: BigIntStats): LogFile {
  let position = 0;
  const readAt = (bytes: Uint8Array, from: number): number =>
    attempt(`read ${path}`, () => readSync(fd, bytes, 0, bytes.length, from));
  return {
    id: identify(stat),
    isPlain: true,
    size: () => fstatSync(fd).size,
    read: (cursor) => {
      const count = readAt(cursor.space(), position);
      position += count;
      cursor.received(count);
      return Promise.resolve(count > 0);
    },
    readAt,
    seek: (to) => {
      position = to;
    },
    position: () => position,
    close: () => closeSync(fd),
  };
}

function compressedFile(path: string, fd: number, stat: BigIntStats, compression: Compression): LogFile {
  let unpacked: Unpacked | null = null;
  return {
    id: identify(stat),
    isPlain: false,
    size: () => Number(stat.size),
    read: async (cursor) => {
      try {
        unpacked ??= await unpack(fd, compression);
        const { value, done } = await unpacked.chunks.next();
        if (done === true) return false;
        cursor.feed(value);
        return true;
      } catch {
        // What zlib says of broken data is for programmers. What could be unpacked has been read.
        throw new SystemError(`unpack ${path}`, errno.EIO);
      }
    },
    readAt: () => 0,
    seek: () => {},
    position: () => 0,
    close: () => {
      unpacked?.stop();
      closeSync(fd);
    },
  };
}

interface Unpacked {
  readonly chunks: AsyncIterator<Buffer>;
  stop(): void;
}

/** Most logs are not compressed, and zlib takes its time to load. */
async function unpack(fd: number, compression: Compression): Promise<Unpacked> {
  const { createGunzip, createZstdDecompress } = await import("node:zlib");
  const { Readable } = await import("node:stream");
  const packed = Readable.from(piecesOf(fd));
  const unpacked = packed.pipe(compression === "gzip" ? createGunzip() : createZstdDecompress());
  packed.on("error", (error) => unpacked.destroy(error));
  const stop = (): void => {
    packed.destroy();
    unpacked.destroy();
  };
  return { chunks: unpacked[Symbol.asyncIterator]() as AsyncIterator<Buffer>, stop };
}

function* piecesOf(fd: number): Generator<Buffer> {
  for (let position = 0; ;) {
    const piece = Buffer.allocUnsafe(131_072);
    const length = readSync(fd, piece, 0, piece.length, position);
    if (length === 0) return;
    position += length;
    yield piece.subarray(0, length);
  }
}
