/** Waits until `condition` gives something other than undefined or false; fails after two minutes. */
export async function until<T>(what: string, condition: () => T | undefined | false): Promise<T> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within two minutes: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
