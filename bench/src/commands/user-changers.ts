import { join, resolve } from "node:path";

import type { Contender } from "../contender.ts";
import { systemBin } from "../suites/system-path.ts";
import type { Command } from "../trial/timed-command.ts";

/** A command that becomes another one as another user. */
export interface UserChanger extends Contender {
  /** `program` as this user, with the user's groups or none. */
  command(user: string, program: string): Command;
}

const built = resolve(import.meta.dirname, "../../../dist");
const ours = { hint: "npm run build", package: null };

/** All of them, the one that ratios refer to first. */
export const allUserChangers: readonly UserChanger[] = [
  { ...chpst(systemBin), name: "chpst", title: "runit's chpst", hint: "apt-get install runit", package: "runit" },
  { ...chpst(join(built, "standalone/bin")), ...ours, name: "standalone", title: "stand-alone" },
  { ...chpst(join(built, "node/bin")), ...ours, name: "node", title: "on Node" },
  {
    ...of(join(systemBin, "s6-setuidgid"), (user, program) => [user, program]),
    name: "s6-setuidgid",
    title: "s6-setuidgid",
    hint: "apt-get install s6",
    package: "s6",
  },
  {
    ...of(join(systemBin, "setpriv"), (user, program) => [`--reuid=${user}`, "--clear-groups", program]),
    name: "setpriv",
    title: "setpriv",
    hint: "apt-get install util-linux",
    package: "util-linux",
  },
];

function chpst(bin: string): Pick<UserChanger, "programs" | "command"> {
  return of(join(bin, "chpst"), (user, program) => ["-u", user, program]);
}

function of(
  file: string,
  args: (user: string, program: string) => readonly string[],
): Pick<UserChanger, "programs" | "command"> {
  return { programs: [file], command: (user, program) => ({ file, args: args(user, program) }) };
}
