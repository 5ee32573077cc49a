import type { Program } from "@upkeep/program/process/run-program";

/**
 * The commands of the suite.
 *
 * Each is loaded only when it is called: what the others need would cost every runsv start-up time
 * and memory.
 */
export const commands = {
  chpst: async (): Promise<Program> => (await import("@upkeep/chpst/main")).chpst,
  devlog: async (): Promise<Program> => (await import("@upkeep/devlog/main")).devlog,
  my_init: async (): Promise<Program> => (await import("@upkeep/my_init/main")).myInit,
  runit: async (): Promise<Program> => (await import("@upkeep/runit/main")).runit,
  "runit-init": async (): Promise<Program> => (await import("@upkeep/runit/init")).runitInit,
  runsv: async (): Promise<Program> => (await import("@upkeep/runsv/main")).runsv,
  runsvchdir: async (): Promise<Program> => (await import("@upkeep/runsvchdir/main")).runsvchdir,
  runsvdir: async (): Promise<Program> => (await import("@upkeep/runsvdir/main")).runsvdir,
  setuser: async (): Promise<Program> => (await import("@upkeep/chpst/setuser")).setuser,
  sv: async (): Promise<Program> => (await import("@upkeep/sv/main")).sv,
  svlogd: async (): Promise<Program> => (await import("@upkeep/svlogd/main")).svlogd,
  utmpset: async (): Promise<Program> => (await import("@upkeep/utmpset/main")).utmpset,
} as const;

export type CommandName = keyof typeof commands;

/** The other names of chpst, which nobody is given links for: distributions differ in which of them they have. */
const namesOfChpst = ["setuidgid", "envuidgid", "envdir", "pgrphack", "setlock", "softlimit"];

/** Tells which command a name means, if any. */
export function commandNamed(name: string): CommandName | null {
  if (Object.hasOwn(commands, name)) return name as CommandName;
  // The kernel starts /sbin/init, whatever that is a link to.
  if (name === "init") return "runit-init";
  return namesOfChpst.some((alias) => name === alias || name === `d${alias}`) ? "chpst" : null;
}
