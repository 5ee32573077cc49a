import type { Invocation } from "@upkeep/program/command-line/invocation";
import { answerHelp } from "@upkeep/program/command-line/options";

/** What `--help` prints, and the manual page that it names. */
export interface Help {
  readonly help: string;
  readonly manual: string;
}

export const runitHelp: Help = {
  help: `usage: runit

Runs as process 1: /etc/runit/1 once, then /etc/runit/2 as long as the machine
is up, then /etc/runit/3, and reboots or powers off.`,
  manual: "runit(8)",
};

export const initHelp: Help = {
  help: `usage: runit-init 0|6

Tells runit, process 1, to halt the machine (0) or to reboot it (6). As process
1 it is runit itself.`,
  manual: "runit-init(8)",
};

/** Answers --help and --version. */
export function answer(invocation: Invocation, { help, manual }: Help): never {
  answerHelp(invocation, { usage: "", help, manual, options: {} });
}
