import type { Invocation } from "@upkeep/program/command-line/invocation";
import { expect, test } from "vitest";

import { choose } from "../../src/core/choice.ts";
import type { CommandName } from "../../src/commands.ts";

const commandNamed = (name: string): CommandName | null => {
  if (name === "setuidgid") return "chpst";
  return name === "runsv" || name === "sv" ? name : null;
};

function called(calledAs: string, ...args: readonly string[]): Invocation {
  return { name: calledAs.slice(calledAs.lastIndexOf("/") + 1), calledAs, args };
}

test("a link named after a command is that command", () => {
  const invocation = called("/usr/bin/runsv", "app");
  expect(choose(invocation, commandNamed)).toEqual({ kind: "command", command: "runsv", invocation });
});

test("the first operand of upkeep names the command, the others are its own", () => {
  expect(choose(called("./upkeep", "sv", "-v", "status"), commandNamed)).toEqual({
    kind: "command",
    command: "sv",
    invocation: { name: "sv", calledAs: "sv", args: ["-v", "status"] },
  });
});

test("lint is a word of upkeep as well as of sv", () => {
  expect(choose(called("./upkeep", "lint", "--json"), commandNamed)).toEqual({
    kind: "command",
    command: "sv",
    invocation: { name: "sv", calledAs: "sv", args: ["lint", "--json"] },
  });
});

test("any other name is sv, which keeps the name", () => {
  const invocation = called("/etc/init.d/nginx", "--help");
  expect(choose(invocation, commandNamed)).toEqual({ kind: "command", command: "sv", invocation });
});

test.each([
  ["--help", "help"],
  ["-h", "help"],
  ["--version", "version"],
  ["launch", "usage"],
  ["constructor", "usage"],
])("upkeep %s asks for the %s", (argument, kind) => {
  expect(choose(called("upkeep", argument), commandNamed)).toEqual({ kind });
});

test("upkeep alone asks for the usage", () => {
  expect(choose(called("upkeep"), commandNamed)).toEqual({ kind: "usage" });
});

test("another name of a command is the command, which keeps the name", () => {
  const invocation = called("/usr/bin/setuidgid", "web", "id");
  expect(choose(invocation, commandNamed)).toEqual({ kind: "command", command: "chpst", invocation });
  expect(choose(called("upkeep", "setuidgid", "web", "id"), commandNamed)).toEqual({
    kind: "command",
    command: "chpst",
    invocation: { name: "setuidgid", calledAs: "setuidgid", args: ["web", "id"] },
  });
});
