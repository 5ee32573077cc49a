import type { Invocation } from "@upkeep/program/command-line/invocation";
import { answerHelp } from "@upkeep/program/command-line/options";

const help = `usage: runsvchdir dir

Makes dir, a directory in /etc/runit/runsvdir or an absolute path, the current
one: runsvdir, working on the link "current" there, stops the services of the
old one and starts those of the new one.`;

/** Answers --help and --version. */
export function answer(invocation: Invocation): never {
  answerHelp(invocation, { usage: "", help, manual: "runsvchdir(8)", options: {} });
}
