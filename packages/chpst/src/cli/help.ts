import { wrapUsage } from "@upkeep/program/core/help";
import { Answer } from "@upkeep/program/core/usage";
import { version } from "@upkeep/program/core/version";

import { commandOf, usageOf } from "../core/usage.ts";

const help = {
  chpst: `Changes the state of its process and becomes the program prog.

  -u user[:group]  run as this user, with these groups and no others; :uid:gid
                   for numbers
  -U user[:group]  put the ids of this user into UID and GID
  -b argv0         let the program be called this
  -e dir           set the variables in this directory, a file for each
  -/ root          make this the root directory
  -C pwd           change to this directory
  -n nice          add this to the nice level
  -l lock          lock this file, and wait until that can be done
  -L lock          lock this file, or fail
  -m n             limit data, stack, locked pages, all memory, to n bytes each
  -d n, -f n, -c n, -r n
                   limit data, files, core files, resident memory, in bytes
  -o n, -p n, -t n limit open files, processes, seconds of processor time
  -P               run in a session of its own
  -F               run in a PID namespace of its own, and wait until nothing is
                   left in it: for a program that goes into the background
  -0, -1, -2       close standard input, output, error
  -v               warn about directories in dir
  -V               show the version and the usage
  --help           show this help
  --version        show the version
`,
  setuidgid: "Runs child as the user account, with its group and no others.\n",
  envuidgid: "Runs child with the ids of account in UID and GID.\n",
  envdir: "Runs child with the variables in the directory dir, a file for each.\n",
  pgrphack: "Runs child in a session of its own.\n",
  setlock: `Runs program with a lock on file.

  -n  wait until it can be locked
  -N  fail if it is locked (default); in daemontools the two mean the opposite
  -x  exit with 0, and say nothing, when the file or the program cannot be had
  -X  say so, and exit with 111 (default)
`,
  softlimit: "Runs child with soft limits; = stands for the hard limit. -m sets -d, -s, -l\nand -a.\n",
} as const;

const setuserHelp = `usage: setuser user command [argument ...]

Runs the command as the user, with all groups of that user, and USER, LOGNAME,
HOME, SHELL and UID set.

  --help     show this help
  --version  show the version

See setuser(8).
`;

/** The answer to `--help` or `--version`. */
export function answerTo(about: "help" | "version", name: string): Answer {
  return new Answer(about === "version" ? `${name} ${version}\n` : helpOf(name));
}

function helpOf(name: string): string {
  if (name === "setuser") return setuserHelp;
  const command = commandOf(name);
  return `${wrapUsage(usageOf(command))}${help[command]}\nSee chpst(8).\n`;
}
