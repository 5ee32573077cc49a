import type { Range } from "./mapped-code.ts";

/** Bytes of the header of a 64-bit ELF file (elf(5)). */
export const elfHeaderSize = 64;

const ET_EXEC = 2;

/** The bytes of a file where its section headers are, and which of them names the others. */
export interface SectionTable {
  readonly offset: number;
  readonly count: number;
  readonly entrySize: number;
  readonly names: number;
}

/**
 * Where a program has its section headers; null for what is no 64-bit little-endian ELF file whose addresses are those of
 * the process.
 */
export function sectionTableOf(header: Uint8Array): SectionTable | null {
  const isElf = header.length >= elfHeaderSize && String.fromCodePoint(...header.subarray(0, 6)) === "\x7fELF\x02\x01";
  const view = viewOf(header);
  if (!isElf || view.getUint16(16, true) !== ET_EXEC) return null;
  return {
    offset: Number(view.getBigUint64(40, true)),
    entrySize: view.getUint16(58, true),
    count: view.getUint16(60, true),
    names: view.getUint16(62, true),
  };
}

/** A section: where its content is in the file, and where in memory. */
export interface Section extends Range {
  readonly offset: number;
  /** Where its name begins in the section of names. */
  readonly name: number;
}

/** @param headers the bytes of the table. */
export function sectionsIn(headers: Uint8Array, { count, entrySize }: SectionTable): readonly Section[] {
  const view = viewOf(headers);
  return Array.from({ length: count }, (_, number) => {
    const at = number * entrySize;
    const long = (offset: number): number => Number(view.getBigUint64(at + offset, true));
    return { name: view.getUint32(at, true), address: long(16), offset: long(24), size: long(32) };
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
