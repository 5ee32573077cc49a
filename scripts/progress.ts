/** Tells somebody who waits at a terminal what takes a moment. In a pipe only results and errors matter. */
export function progress(message: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${message}\n`);
}
