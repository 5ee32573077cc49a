import { SystemError } from "@upkeep/linux/core/errno";

import { createDiagnostics } from "../messages/diagnostics.ts";
import type { ExitCodes } from "../core/exit-code.ts";
import { currentInvocation, type Invocation } from "../command-line/invocation.ts";
import { writeText } from "../messages/output.ts";
import { Answer, UsageError } from "../core/usage.ts";

/** A program of the suite. It resolves to its exit code, or never ends by itself. */
export interface Program {
  readonly name: string;
  readonly exitCodes: ExitCodes;
  /**
   * Runs it. A thrown {@link Answer} is printed to standard output and ends the process with 0. A {@link UsageError} and
   * a {@link FatalError} are printed to standard error and end it with the program's own exit codes.
   */
  main(invocation: Invocation): Promise<number>;
}

/** The program cannot start. `context` is what the message speaks about: the directory, mostly. */
export class FatalError extends Error {
  override readonly name = "FatalError";
  readonly context: string | null;

  constructor(message: string, context: string | null) {
    super(message);
    this.context = context;
  }
}

/** Runs a program as this process: the only place that ends it because of an error. */
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

/** One line about a defect of ours, with the place it came from. */
export function internalError(error: unknown): string {
  if (!(error instanceof Error)) return `internal error: ${String(error)}`;
  const place = /\n\s+at (.*)/.exec(error.stack ?? "")?.[1];
  return `internal error: ${error.message}${place === undefined ? "" : ` (${place})`}`;
}

/**
 * Keeps a daemon alive through defects: after its start an exception nobody caught is a warning,
 * and it goes on with what it supervises.
 */
export function surviveErrors(warn: (message: string) => void): void {
  process.on("uncaughtException", (error) => warn(internalError(error)));
  process.on("unhandledRejection", (error) => warn(internalError(error)));
}
