/** Shows on a terminal what is going on, in place of the message before. In a pipe it shows nothing. */
export function progress(message: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${message}`);
}
