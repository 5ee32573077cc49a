import { packTar, type TarHeader } from "modern-tar";

import type { LayerEntry } from "./layer.ts";

/** The time of all files in the layer without SOURCE_DATE_EPOCH: 1980, the earliest that every archiver knows. */
const defaultEpoch = 315_532_800;

/**
 * The time stamp of all entries.
 *
 * @param epoch SOURCE_DATE_EPOCH, seconds since 1970. Throws if that is no number.
 * @see https://reproducible-builds.org/specs/source-date-epoch/
 */
export function timeStamp(epoch: string | undefined): Date {
  if (epoch === undefined || epoch === "") return new Date(defaultEpoch * 1000);
  if (!/^\d{1,11}$/.test(epoch)) throw new Error(`SOURCE_DATE_EPOCH: ${epoch} is no number of seconds`);
  return new Date(Number(epoch) * 1000);
}

/** Packs the entries in their order. The same entries and time give the same bytes. */
export async function packLayer(entries: readonly LayerEntry[], mtime: Date): Promise<Uint8Array> {
  const common = { mtime, uid: 0, gid: 0, uname: "", gname: "" } as const;
  return await packTar(entries.map((entry) => ({ header: { ...common, ...headerOf(entry) }, body: bodyOf(entry) })));
}

function headerOf(entry: LayerEntry): Pick<TarHeader, "name" | "size" | "mode" | "type" | "linkname"> {
  switch (entry.kind) {
    case "file":
      return { name: entry.path, type: "file", mode: entry.mode, size: entry.content.length };
    case "link":
      return { name: entry.path, type: "symlink", mode: 0o777, size: 0, linkname: entry.target };
    case "directory":
      return { name: `${entry.path}/`, type: "directory", mode: entry.mode, size: 0 };
    default:
      return entry satisfies never;
  }
}

function bodyOf(entry: LayerEntry): Uint8Array | undefined {
  return entry.kind === "file" ? entry.content : undefined;
}
