/** The text itself: the hashes of the runtime would cost more memory than they save. See digest.bun.ts. */
export function digestOf(text: string): number | bigint | string {
  return text;
}
