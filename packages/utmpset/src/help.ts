import type { Invocation } from "@upkeep/program/command-line/invocation";
import { answerHelp } from "@upkeep/program/command-line/options";

const help = `usage: utmpset [-w] line

Marks whoever is logged in at the terminal line as logged out, in
/var/run/utmp.`;

/** Answers --help and --version. */
export function answer(invocation: Invocation): never {
  answerHelp(invocation, {
    usage: "",
    help,
    manual: "utmpset(8)",
    options: { w: { type: "boolean", describe: "add a record of the logout to /var/log/wtmp, too" } },
  });
}
