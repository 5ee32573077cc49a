import { closeSync } from "node:fs";

import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { isForkFailure, spawn } from "@upkeep/linux/exec/spawn";
import { reasonOf } from "@upkeep/linux/core/errno";
import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { createPipe, type Pipe } from "@upkeep/linux/fd/pipe";
import { readAvailable } from "@upkeep/linux/fd/readable";
import { decodeExit, type Reaped } from "@upkeep/linux/process/wait";
import { sendSignal } from "@upkeep/linux/signal/signal";

import { harmless } from "../core/one-line.ts";
import type { OwnProgram } from "./own-program.ts";

/** What came of a check: the version of the program, or why it must not take our place. */
export type Checked = { readonly version: string } | { readonly problem: string };

/** Milliseconds that a program may take to tell its version. runit's programs never answer, and go on. */
const patience = 10_000;

/** Finds out whether a program is one of ours and can begin, by having it tell its version. */
export interface ProgramCheck {
  /** Answers once, later. */
  start(onChecked: (checked: Checked) => void): void;
  /** A child was reaped; false when it is none of ours. */
  reaped(child: Reaped): boolean;
}

/** @param name the name that the program must give itself. */
export function createProgramCheck(name: string, program: OwnProgram): ProgramCheck {
  const waiting = new Map<number, (status: number) => void>();

  const start: ProgramCheck["start"] = (onChecked) => {
    let pipe: Pipe;
    try {
      pipe = createPipe();
    } catch (error) {
      setImmediate(onChecked, { problem: (error as Error).message });
      return;
    }
    const result = spawn({
      path: program.file,
      argv: [...program.words, "--version"],
      environment: inheritedEnvironment(),
      newSession: true,
      stdio: [0, pipe.write, pipe.write],
    });
    closeSync(pipe.write);
    if (!result.ok) {
      closeSync(pipe.read);
      const verb = isForkFailure(result.errno) ? "fork for" : "run";
      setImmediate(onChecked, { problem: `unable to ${verb} ${program.shown}: ${reasonOf(result.errno)}` });
      return;
    }
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      sendSignal(-result.pid, "SIGKILL");
    }, patience);
    waiting.set(result.pid, (status) => {
      clearTimeout(timer);
      const text = takeOutput(pipe.read);
      onChecked(
        isLate ? { problem: `${program.shown} does not tell its version` } : judge(name, program, status, text),
      );
    });
  };

  return {
    start,
    reaped: ({ pid, status }) => {
      const onEnd = waiting.get(pid);
      waiting.delete(pid);
      onEnd?.(status);
      return onEnd !== undefined;
    },
  };
}

/** It has written a line at most, which the pipe holds. */
function takeOutput(fd: number): string {
  const bytes = new Uint8Array(4096);
  try {
    setNonBlocking(fd, true);
    return Buffer.from(bytes.subarray(0, Math.max(0, readAvailable(fd, bytes)))).toString("utf8");
  } catch {
    return "";
  } finally {
    closeSync(fd);
  }
}

function judge(name: string, { shown }: OwnProgram, status: number, text: string): Checked {
  const exit = decodeExit(status);
  const how = exit.kind === "exited" ? `exits ${exit.code}` : `is killed by signal ${exit.signal}`;
  const [line = ""] = text.trimEnd().split("\n").slice(-1);
  if (exit.kind !== "exited" || exit.code !== 0) {
    return { problem: `${shown} ${how} when asked for its version${line === "" ? "" : `: ${harmless(line)}`}` };
  }
  const version = text.startsWith(`${name} `) ? /^\S+ (\S+)\n$/.exec(text)?.[1] : undefined;
  return version === undefined ? { problem: `${shown} is no ${name} of this suite` } : { version };
}
