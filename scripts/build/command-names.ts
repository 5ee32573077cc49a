import { commands } from "../../packages/upkeep/src/commands.ts";

/** The commands to build: all that the executable knows. */
export const commandNames: readonly string[] = Object.keys(commands).toSorted();
