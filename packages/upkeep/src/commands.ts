import type { Program } from "@upkeep/program/process/run-program";

/** The commands of the suite. Only the one that is called is loaded, for the start-up time and memory of every runsv. */
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
  "upkeep-import": async (): Promise<Program> => (await import("@upkeep/import/main")).upkeepImport,
  "upkeep-install": async (): Promise<Program> => (await import("@upkeep/install/install")).upkeepInstall,
  "upkeep-run": async (): Promise<Program> => (await import("@upkeep/run/main")).upkeepRun,
  "upkeep-takeover": async (): Promise<Program> => (await import("@upkeep/install/takeover")).upkeepTakeover,
  "upkeep-uninstall": async (): Promise<Program> => (await import("@upkeep/install/uninstall")).upkeepUninstall,
  "upkeep-web": async (): Promise<Program> => (await import("@upkeep/web/main")).upkeepWeb,
  utmpset: async (): Promise<Program> => (await import("@upkeep/utmpset/main")).utmpset,
} as const;

export type CommandName = keyof typeof commands;

/** The other names of chpst. We install no links for them, because distributions differ in which they have. */
const namesOfChpst = ["setuidgid", "envuidgid", "envdir", "pgrphack", "setlock", "softlimit"];

/** The command that a name means, if any. */
export function commandNamed(name: string): CommandName | null {
  if (Object.hasOwn(commands, name)) return name as CommandName;
  // The kernel starts /sbin/init, which is a link to us.
  if (name === "init") return "runit-init";
  return namesOfChpst.some((alias) => name === alias || name === `d${alias}`) ? "chpst" : null;
}
