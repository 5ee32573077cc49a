import { commands } from "../../packages/upkeep/src/commands.ts";

/** The commands that are built: those the executable knows. */
export const commandNames: readonly string[] = Object.keys(commands).toSorted();
