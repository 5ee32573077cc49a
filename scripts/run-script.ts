/**
 * Runs the main function of `npm run NAME`. What goes wrong becomes `NAME: fatal: MESSAGE` and exit code 1: the user needs
 * the message, and not the place in this program. What a tool has said stands behind it on lines of its own.
 */
export async function runScript(name: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${name}: fatal: ${messageOf(name, error)}\n`);
    process.exitCode = 1;
  }
}

function messageOf(name: string, error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!("code" in error) || !String(error.code).startsWith("ERR_PARSE_ARGS")) return error.message.trimEnd();
  // Node explains at length how to write an operand that looks like an option. No script has operands.
  const [first = ""] = error.message.split(". ");
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}; see npm run ${name} -- --help`;
}
