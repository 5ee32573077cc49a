import { SystemError } from "@upkeep/linux/core/errno";
import { inheritedEnvironment, type EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { handedOver } from "@upkeep/linux/exec/handover";
import { renew } from "@upkeep/linux/exec/renewal";
import type { Reaped } from "@upkeep/linux/process/wait";

import { version } from "../core/version.ts";
import { findOwnProgram } from "./own-program.ts";
import { createProgramCheck } from "./program-check.ts";

/** Executes the program of a supervisor anew, in its own place: an upgrade takes effect, and its children stay. */
export interface Renewing {
  /** Begins, unless it is under way. It ends by the program's being replaced, or by `onRefused`. */
  begin(): void;
  /** A child was reaped; false when it is none of ours. */
  reaped(child: Reaped): boolean;
}

export interface RenewingPorts {
  /** The name of the program. */
  readonly name: string;
  /** What the program must not be replaced in the middle of, as words behind its name; null: nothing. */
  readonly underWay: () => string | null;
  /** What the next program needs to know. It must be able to go through JSON. */
  readonly describe: () => unknown;
  /** Descriptors that the program finds by the environment. */
  readonly keeps: () => readonly (number | null)[];
  /** Changes the environment that this process was started with. */
  readonly environment?: (inherited: readonly EnvironmentEntry[]) => readonly EnvironmentEntry[];
  /** The old program goes on, for this reason. */
  readonly onRefused: (problem: string) => void;
}

/** What a program has been told by the one before it. */
export interface Handed {
  /** The version of the program before. */
  readonly version: string;
  readonly content: unknown;
}

/** Milliseconds between two looks whether anything is under way, and how long that may take. */
const look = 20;
const patience = 10_000;

/** What the program before us has handed over; null where this process has just begun. */
export function readHanded(): Handed | null {
  const { version: before, content } = (handedOver() ?? {}) as Partial<Handed>;
  return typeof before === "string" ? { version: before, content } : null;
}

/** To be called at the start of the program, which may be gone from its path later. */
export function createRenewing(ports: RenewingPorts): Renewing {
  const program = findOwnProgram();
  const check = createProgramCheck(ports.name, program);
  let isUnderWay = false;

  const refuse = (problem: string): void => {
    isUnderWay = false;
    ports.onRefused(problem);
  };

  const replace = (): void => {
    const environment = inheritedEnvironment();
    renew({
      file: program.file,
      argv: [...program.words, ...program.args()],
      environment: ports.environment?.(environment) ?? environment,
      keeps: ports.keeps(),
      content: { version, content: ports.describe() } satisfies Handed,
    });
  };

  const replaceWhenQuiet = (left: number): void => {
    const obstacle = ports.underWay();
    if (obstacle !== null && left > 0) {
      setTimeout(replaceWhenQuiet, look, left - look);
      return;
    }
    if (obstacle !== null) return refuse(obstacle);
    try {
      replace();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      refuse(error.message);
    }
  };

  return {
    begin: () => {
      if (isUnderWay) return;
      isUnderWay = true;
      check.start((checked) => {
        if ("problem" in checked) refuse(checked.problem);
        else replaceWhenQuiet(patience);
      });
    },
    reaped: check.reaped,
  };
}
