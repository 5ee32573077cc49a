import type { Program } from "@upkeep/program/run-program";

/**
 * The commands of the suite.
 *
 * Each is loaded only when it is called: what the others need would cost every runsv start-up time
 * and memory.
 */
export const commands = {
  runsv: async (): Promise<Program> => (await import("@upkeep/runsv/main")).runsv,
  runsvdir: async (): Promise<Program> => (await import("@upkeep/runsvdir/main")).runsvdir,
  sv: async (): Promise<Program> => (await import("@upkeep/sv/main")).sv,
} as const;

export type CommandName = keyof typeof commands;
