/** Calls back once, after a time in ms; the result cancels that. */
export function later(action: () => void, millis: number): () => void {
  const timer = setTimeout(action, millis);
  return () => clearTimeout(timer);
}
