import { setuserExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { FatalError, type Program } from "@upkeep/program/process/run-program";
import { usageText } from "@upkeep/program/core/usage";
import { lastArguments } from "@upkeep/linux/exec/arguments";
import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { undoRuntimeChanges } from "@upkeep/linux/exec/execution";
import { setGroup, setGroupsOf, setUser } from "@upkeep/linux/users/identity";
import { findUser, type UserEntry } from "@upkeep/linux/users/user-database";
import { type ByteText, textOf } from "@upkeep/linux/core/byte-text";

import { become } from "./exec/become.ts";
import { type Change, changeEnvironment } from "./core/environment.ts";
import { createMessages } from "./exec/messages.ts";
import { cStringOf } from "./exec/c-text.ts";

const defaultShell = "/bin/sh";

/** setuser(8): runs a program as a user, with the groups and the variables that a login would give. */
export const setuser: Program = { name: "setuser", exitCodes: setuserExitCodes, main };

async function main({ args }: Invocation): Promise<number> {
  const messages = createMessages("setuser");
  try {
    undoRuntimeChanges();
    const [user, ...argv] = lastArguments(args.length).map(textOf);
    if (user === "--help" || user === "--version") {
      throw (await import("./cli/help.ts")).answerTo(user === "--help" ? "help" : "version", "setuser");
    }
    const [program] = argv;
    if (user === undefined || program === undefined) {
      return messages.complain(usageText("setuser", "user command [argument ...]"), setuserExitCodes.usage);
    }
    const environment = changeEnvironment(inheritedEnvironment().map(textOf), logIn(user));
    become({ program, argv, environment, limits: [] }, environment);
  } catch (error) {
    return messages.report(error, setuserExitCodes.fatal);
  }
}

/** Becomes the user and tells the variables for the program. */
function logIn(name: ByteText): readonly Change[] {
  const entry = findUser(cStringOf(name));
  if (entry === null) throw new FatalError(`unknown user: ${name}`, null);
  setGroupsOf(cStringOf(name), entry.gid);
  setGroup(entry.gid);
  setUser(entry.uid);
  return loginVariables(name, entry);
}

/** The variables that tell a program who runs it. */
export function loginVariables(name: ByteText, { uid, home, shell }: UserEntry): readonly Change[] {
  return [
    { name: "USER", value: name },
    { name: "LOGNAME", value: name },
    { name: "HOME", value: textOf(home) },
    { name: "SHELL", value: textOf(shell) || defaultShell },
    { name: "UID", value: String(uid) },
  ];
}
