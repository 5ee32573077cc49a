import { usualScanDirectory } from "@upkeep/client/core/service-path";
import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { quietRuntime } from "@upkeep/linux/exec/runtime";
import { setProcessName } from "@upkeep/linux/process/process-control";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { parseOptions } from "@upkeep/program/command-line/options";
import { harmless } from "@upkeep/program/core/one-line";
import { UsageError } from "@upkeep/program/core/usage";
import { createDiagnostics } from "@upkeep/program/messages/diagnostics";
import { writeText } from "@upkeep/program/messages/output";
import { FatalError, type Program, surviveErrors } from "@upkeep/program/process/run-program";
import { runtimeDirectories } from "@upkeep/supervise/place/places";

import { commandLine } from "./cli.ts";
import { whyNotStart } from "./core/access.ts";
import { type Listening, parseListen } from "./core/address.ts";
import { openServer } from "./open.ts";
import { makeToken, readToken, type Token, tokenOf } from "./server/token.ts";

/** upkeep-web(1): shows services in a browser and to monitoring. */
export const upkeepWeb: Program = { name: "upkeep web", exitCodes: { usage: 100, fatal: 111 }, main };

async function main(invocation: Invocation): Promise<number> {
  const { options, operands } = parseOptions(invocation, commandLine);
  quietRuntime("upkeep-web");
  setProcessName("upkeep-web");
  const listening = listeningOf(options["socket"], options["listen"]);
  const { token, shown } = tokenFor(listening, options["token-file"]);
  const mayControl = options["allow-control"] === true;
  const hosts = typeof options["host"] === "string" ? options["host"].toLowerCase().split(",") : [];
  const directories = operands.length === 0 ? [usualScanDirectory(process.env)] : operands;
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const rules = { listening, hosts, needsToken: token !== null, mayControl };
  const { where, close } = await openServer({ rules, token, directories: directories.map(absolute) });
  surviveErrors(createDiagnostics("upkeep web").warning);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      close();
      end(0);
    });
  }
  tell(where, listening, shown);
  return await ended;
}

/** What node:path returns on Bun is UTF-8, and a name need not be. */
function absolute(path: string): string {
  const whole = path.startsWith("/") ? path : `${process.cwd()}/${path}`;
  return whole.replace(/(?<=.)\/+(\.\/*)?$/, "");
}

function listeningOf(socket: unknown, listen: unknown): Listening {
  if (typeof listen !== "string") return { kind: "socket", path: typeof socket === "string" ? socket : usualSocket() };
  if (typeof socket === "string")
    throw new UsageError(`upkeep web: only one of socket and listen\n${commandLine.usage}`);
  const found = parseListen(listen);
  if (found === null)
    throw new UsageError(`upkeep web: illegal argument -- listen ${harmless(listen)}\n${commandLine.usage}`);
  return found;
}

function usualSocket(): string {
  const [directory] = runtimeDirectories();
  if (directory === undefined) throw new FatalError("no directory for a socket can be made: --socket", null);
  return `${directory}/web.sock`;
}

interface Entrance {
  readonly token: Token | null;
  /** A token that was made up, for whoever sits at the terminal. */
  readonly shown: string | null;
}

/** Throws {@link FatalError} where a token is needed and there is none. */
function tokenFor(listening: Listening, file: unknown): Entrance {
  if (typeof file === "string") return { token: readToken(file), shown: null };
  const isAtTerminal = listening.kind === "tcp" && isTerminal(2);
  const why = whyNotStart(listening, isAtTerminal ? "made" : "none");
  if (why !== null) throw new FatalError(why, null);
  if (!isAtTerminal) return { token: null, shown: null };
  const made = makeToken();
  return { token: tokenOf(made), shown: made };
}

/** Tells whoever sits at the terminal where to look. As a service, it says nothing when all is well. */
function tell(where: string, { kind }: Listening, token: string | null): void {
  if (!isTerminal(2)) return;
  if (kind === "socket") {
    writeText(2, `upkeep web: listening on ${where}; try: curl --unix-socket ${where} http://localhost/healthz\n`);
    return;
  }
  writeText(2, `upkeep web: http://${where}/${token === null ? "" : `#token=${token}`}\n`);
}
