/** Says what takes a moment, to somebody who waits at a terminal. In a pipe only results and errors are of interest. */
export function progress(message: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${message}\n`);
}
