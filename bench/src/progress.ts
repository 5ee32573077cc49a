/** Shows on a terminal what is going on, in place of what it showed before. In a pipe only results are of interest. */
export function progress(message: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${message}`);
}
