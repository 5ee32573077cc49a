/** The most whole seconds that are a number to us: in ms they still fit into 2^53. Timers are set in steps, so any time can pass. */
export const mostSeconds: number = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

/** Whole seconds in a text of digits alone, as ms; null for any other text, and above {@link mostSeconds}. */
export function millisOfSeconds(text: string): number | null {
  return /^\d+$/.test(text) && Number(text) <= mostSeconds ? Number(text) * 1000 : null;
}
