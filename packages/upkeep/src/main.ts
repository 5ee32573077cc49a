import { createDiagnostics } from "@upkeep/program/messages/diagnostics";
import { currentInvocation } from "@upkeep/program/command-line/invocation";
import { internalError, type Program, runProgram } from "@upkeep/program/process/run-program";
import { Answer, UsageError, usageText } from "@upkeep/program/core/usage";
import { commit, target, version } from "@upkeep/program/core/version";

import { choose, wordsOfSv } from "./core/choice.ts";
import { type CommandName, commandNamed, commands } from "./commands.ts";

// This is the stand-alone executable. Every command is a link to it.

const fatalExitCode = 111;
/** `upkeep import` is the command upkeep-import. */
const names = [...Object.keys(commands), ...wordsOfSv].map((name) => name.replace(/^upkeep-/, "")).toSorted();
const choice = choose(currentInvocation(), commandNamed);

if (choice.kind === "command") await runProgram(await load(choice.command), choice.invocation);
else await runProgram(answering(choice.kind));

/** Loading a command fails if there is no memory for the foreign function interface. */
async function load(name: CommandName): Promise<Program> {
  try {
    return await commands[name]();
  } catch (error) {
    createDiagnostics(name).fatal(`unable to start the runtime: ${internalError(error)}`);
    process.exit(fatalExitCode);
  }
}

function answering(kind: "help" | "version" | "build" | "usage"): Program {
  return {
    name: "upkeep",
    exitCodes: { usage: 100, fatal: fatalExitCode },
    async main() {
      if (kind === "usage")
        throw new UsageError(usageText("upkeep", `command [argument ...]\ncommands: ${names.join(" ")}`));
      throw new Answer(answer(kind));
    },
  };
}

function answer(kind: "help" | "version" | "build"): string {
  switch (kind) {
    case "help":
      return help();
    case "version":
      return `upkeep ${version}\n`;
    case "build":
      return `${JSON.stringify({ version, commit, runtime: runtime(), target: target ?? hostTarget() })}\n`;
  }
}

/** Name and version. */
function runtime(): string {
  const { bun, node } = process.versions;
  return bun === undefined ? `node ${node}` : `bun ${bun}`;
}

function hostTarget(): string {
  return `${process.platform}-${process.arch}`;
}

function help(): string {
  return [
    "usage: upkeep command [argument ...]",
    "",
    "One executable for all commands of the suite. Called by a link that is named",
    "after a command, it is that command; called by any other name it is sv, and",
    "controls the service of that name.",
    "",
    "Commands:",
    ...names.map((name) => `  ${name}`),
    "",
    "Options:",
    "  --help     show this help",
    "  --version  show the version; with --json also commit, runtime and target",
    "",
    "'upkeep command --help' tells about a command.",
    "",
  ].join("\n");
}
