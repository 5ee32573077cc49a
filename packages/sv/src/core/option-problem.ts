/** Says in the words of getopt what `parseArgs` of node:util complains of. Throws what is no complaint. */
export function optionProblem(error: unknown): string {
  // The message names the option in quotes, and goes on with advice.
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  if (typeof code !== "string" || !code.startsWith("ERR_PARSE_ARGS")) throw error;
  const option = (/'(?:-\w, )?-{1,2}([^' ]+)/.exec(message)?.[1] ?? "?").replace(/=.*/, "");
  const isUnknown = code === "ERR_PARSE_ARGS_UNKNOWN_OPTION";
  const isMissing = message.includes("argument missing") || message.includes("ambiguous");
  const reason = isUnknown ? "illegal option" : isMissing ? "option requires an argument" : "illegal argument";
  return `${reason} -- ${option}`;
}
