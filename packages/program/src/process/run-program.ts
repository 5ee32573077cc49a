import { SystemError } from "@upkeep/linux/core/errno";

import { createDiagnostics } from "../messages/diagnostics.ts";
import type { ExitCodes } from "../core/exit-code.ts";
import { currentInvocation, type Invocation } from "../command-line/invocation.ts";
import { writeText } from "../messages/output.ts";
import { Answer, UsageError } from "../core/usage.ts";

/** A program of the suite. */
export interface Program {
  readonly name: string;
  readonly exitCodes: ExitCodes;
  /**
   * Runs it, and resolves to its exit code, or never. A thrown {@link Answer} is printed to standard output and ends the
   * process with 0. A {@link UsageError} and a {@link FatalError} are printed to standard error and end it with the exit
   * codes of the program.
   */
  main(invocation: Invocation): Promise<number>;
}

/** The program cannot start. `context` is what the message is about, mostly a directory. */
export class FatalError extends Error {
  override readonly name = "FatalError";
  readonly context: string | null;

  constructor(message: string, context: string | null) {
    super(message);
    this.context = context;
  }
}

/** Runs a program as this process. Only this function ends the process because of an error. */
export async function runProgram(program: Program, invocation: Invocation = currentInvocation()): Promise<void> {
  let code: number;
  try {
    code = await program.main(invocation);
  } catch (error) {
    code = report(program, error);
  }
  process.exit(code);
}

function report({ name, exitCodes }: Program, error: unknown): number {
  if (error instanceof Answer) {
    writeText(1, error.message);
    return 0;
  }
  if (error instanceof UsageError) {
    writeText(2, error.message);
    return exitCodes.usage;
  }
  if (error instanceof FatalError || error instanceof SystemError) {
    const context = error instanceof FatalError && error.context !== null ? ` ${error.context}` : "";
    createDiagnostics(`${name}${context}`).fatal(error.message);
    return exitCodes.fatal;
  }
  createDiagnostics(name).fatal(internalError(error));
  return exitCodes.fatal;
}

/** One line about a defect of ours, with its place in the source. */
export function internalError(error: unknown): string {
  if (!(error instanceof Error)) return `internal error: ${String(error)}`;
  const place = /\n\s+at (.*)/.exec(error.stack ?? "")?.[1];
  return `internal error: ${error.message}${place === undefined ? "" : ` (${place})`}`;
}

/** Keeps a daemon alive through defects: from now on an uncaught exception is a warning, and the daemon goes on. */
export function surviveErrors(warn: (message: string) => void): void {
  process.on("uncaughtException", (error) => warn(internalError(error)));
  process.on("unhandledRejection", (error) => warn(internalError(error)));
}
