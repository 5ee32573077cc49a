/**
 * A shell script that becomes setsid(1), whatever stands in front of it: `exec env A=1 setsid agetty tty1`. Words in quotes
 * belong to another command.
 */
const execSetsid = /^[^#\n"']*\bexec\s(?:[^#\n"';&|]*[\s/])?setsid(?=\s)/m;

/** A script in another language that makes a session or a group where it begins: `os.setpgrp()`, `POSIX::setpgid(0, 0)`. */
const callsFirst = /^(?:os\.|POSIX::|Process\.)?(?:setsid|setpgrp|setpgid)\s*\(/m;

/**
 * Whether a script makes a session or a process group of its own. A process that leads one already cannot: setsid(1) forks
 * then, and setsid(2) and setpgid(2) fail.
 */
export function makesOwnGroup(text: string): boolean {
  if (!text.startsWith("#!")) return false;
  const joined = text.replaceAll("\\\n", " ");
  return execSetsid.test(joined) || callsFirst.test(joined);
}
