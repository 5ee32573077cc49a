import type { Invocation } from "@upkeep/program/command-line/invocation";
import { answerHelp } from "@upkeep/program/command-line/options";

const help = `usage: svlogd [-ttv] [-r c] [-R abc] [-l len] [-b buflen] dir ...

Writes the lines it reads from standard input to the file current in each log
directory dir, as the file config there says, and rotates it. dir can be -,
which stands for standard output.`;

/** Answers --help and --version, and complains about other long options. */
export function answer(invocation: Invocation, usage: string): never {
  answerHelp(invocation, {
    usage,
    help,
    manual: "svlogd(8)",
    options: {
      t: {
        type: "boolean",
        describe: "begin lines with a TAI64N label; -tt: with the date and time in UTC; -ttt: likewise, with a T",
      },
      v: { type: "boolean", describe: "tell on standard error what is done" },
      r: {
        type: "string",
        requiresArg: true,
        describe: "replace characters that are not printable by this one",
        argument: "c",
      },
      R: {
        type: "string",
        requiresArg: true,
        describe: "replace these characters as well, by _ unless -r is given",
        argument: "abc",
      },
      l: {
        type: "string",
        requiresArg: true,
        describe: "how many bytes of a line are looked at (1000)",
        argument: "len",
      },
      b: { type: "string", requiresArg: true, describe: "must be greater than that (1024)", argument: "buflen" },
    },
  });
}
