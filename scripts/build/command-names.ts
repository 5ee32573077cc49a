import { commands } from "../../packages/upkeep/src/commands.ts";

/** The commands to build: all that the executable knows. */
export const commandNames: readonly string[] = Object.keys(commands).toSorted();

/** The files of the build for Node: these, and the front door to them. */
export const namesOnNode: readonly string[] = [...commandNames, "upkeep"];
