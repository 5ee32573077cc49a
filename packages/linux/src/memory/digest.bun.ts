/** What stands for a text that is only compared with later ones. Of 64 bits: two texts do not have the same by chance. */
export function digestOf(text: string): number | bigint | string {
  return Bun.hash(text);
}
