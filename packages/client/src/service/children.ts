import { type Children, createChildren } from "@upkeep/linux/exec/children";

/** The one table of this process. */
export const children: Children = createChildren();
process.on("SIGCHLD", children.reap);
