/**
 * What each byte becomes: those outside printable ASCII, and those of `also`, become `by`. Null when nothing is
 * replaced.
 */
export function replacementTable(by: number | null, also: Uint8Array): Uint8Array | null {
  if (by === null) return null;
  const table = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 32 || byte > 126 ? by : byte));
  for (const byte of also) table[byte] = by;
  return table;
}

/**
 * Replaces bytes in place, from `from` up to `to`, in the first `length` bytes of each line. Newlines stay.
 *
 * @param column how much of the line came before `from`. @returns how much of it there is at `to`.
 */
export function replaceBytes(
  bytes: Uint8Array,
  from: number,
  to: number,
  { table, length, column }: { readonly table: Uint8Array; readonly length: number; readonly column: number },
): number {
  let at = column;
  for (let index = from; index < to; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === 10) {
      at = 0;
      continue;
    }
    if (at < length) bytes[index] = table[byte] ?? byte;
    at++;
  }
  return at;
}
