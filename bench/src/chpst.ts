import { join } from "node:path";

import { type Contender, ourBuilds, pathWithNode, systemBin } from "./contender.ts";
import type { Scenario } from "./scenario.ts";
import { type Command, repeated, runTimed } from "./trial/command.ts";

/** A command that becomes another one as another user, with the user's groups or none. */
interface UserChanger extends Contender {
  readonly words: (user: string) => Command;
}

const program = (file: string, ...options: readonly string[]): Pick<UserChanger, "programs" | "words"> => ({
  programs: [file],
  words: (user) => [file, ...options, user],
});
const setpriv = join(systemBin, "setpriv");

/** All of them, the one that ratios refer to first. */
export const userChangers: readonly UserChanger[] = [
  { ...program(join(systemBin, "chpst"), "-u"), name: "chpst", title: "runit's chpst", package: "runit" },
  ...ourBuilds((bin) => program(join(bin, "chpst"), "-u")),
  { ...program(join(systemBin, "s6-setuidgid")), name: "s6-setuidgid", title: "s6-setuidgid", package: "s6" },
  {
    name: "setpriv",
    title: "setpriv",
    programs: [setpriv],
    package: "util-linux",
    words: (user) => [setpriv, `--reuid=${user}`, "--clear-groups"],
  },
];

const metric = "start as another user";

/** A run script that changes the user takes this long until its service starts. */
export const chpst: Scenario<UserChanger> = {
  name: "chpst",
  title: "true as another user, whole command",
  rows: [{ metric, label: "mean of 50 calls in a row", unit: "ms", budget: { atMost: { standalone: 15 } } }],
  async measure({ words }, isQuick) {
    const calls = isQuick ? 10 : 50;
    const { ms } = await runTimed(repeated(calls, [...words("nobody"), "/bin/true"]), { PATH: pathWithNode });
    return { [metric]: [ms / calls] };
  },
};
