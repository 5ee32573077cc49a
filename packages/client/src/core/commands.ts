import { type Command, commandLetters } from "@upkeep/supervise/core/command";

/** What a word of the command line asks for. */
export type Task = { readonly kind: "status" } | ControlTask;

/** Sends commands, and may wait until each of its goals is reached. */
export interface ControlTask {
  readonly kind: "control";
  /** What is sent, all at once. */
  readonly commands: readonly Command[];
  readonly goals: readonly Goal[];
  /** Waits and reports without being asked to (`-v`). */
  readonly waits: boolean;
  /** Sends `kill` when the time is over. */
  readonly killsAtTimeout: boolean;
}

/** What is waited for: the effect of a command, or that the service is as it is wanted. */
export type Goal = Command | "check";

/** How the program was called: as `sv`, or by the name of a service as from /etc/init.d. */
export type Mode = "sv" | "lsb";

const status: Task = { kind: "status" };

function control(...commands: readonly Command[]): ControlTask {
  return { kind: "control", commands, goals: commands, waits: false, killsAtTimeout: false };
}

function waiting(...commands: readonly Command[]): ControlTask {
  return { ...control(...commands), waits: true };
}

function killing(...commands: readonly Command[]): ControlTask {
  return { ...waiting(...commands), killsAtTimeout: true };
}

/** `start`, which `enable` also does. */
export const startTask: ControlTask = waiting("up");

/** `stop`, which `disable` also does. */
export const stopTask: ControlTask = waiting("down");

const words: ReadonlyMap<string, Task> = new Map<string, Task>([
  ["status", status],
  ["start", startTask],
  ["stop", stopTask],
  ["shutdown", waiting("exit")],
  ["restart", waiting("term", "cont", "up")],
  ["try-restart", waiting("term", "cont")],
  ["reload", waiting("hup")],
  ["check", { ...waiting(), goals: ["check"] }],
  ["force-stop", killing("down")],
  ["force-shutdown", killing("exit")],
  ["force-reload", killing("term", "cont")],
  ["force-restart", killing("term", "cont", "up")],
]);

/** Of all other words only the first letter counts: the command's, or one of those that runit's sv adds. Source: runit 2.1.2. */
const letters: ReadonlyMap<string, Task> = new Map<string, Task>([
  ...(Object.keys(commandLetters) as Command[]).map((command) => [commandLetters[command], control(command)] as const),
  ["s", status],
  ["e", control("exit")],
  ["D", killing("down")],
  ["X", killing("exit")],
  ["E", killing("exit")],
  ["T", killing("term", "cont")],
]);

/** The task of a word; null for a word that means nothing. */
export function taskOf(word: string, mode: Mode): Task | null {
  const task = words.get(word) ?? letters.get(word.charAt(0)) ?? null;
  // A script in /etc/init.d must refuse the actions that it lacks, and many of these begin with an s.
  if (task === status && mode === "lsb" && word !== "status") return null;
  return task;
}
