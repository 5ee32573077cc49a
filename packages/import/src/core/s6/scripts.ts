import type { Outcome } from "../model.ts";
import { became, lost } from "../outcome.ts";

/** Commands of s6 and execline that scripts use, and what does the same. */
const tools: Readonly<Record<string, string>> = {
  "s6-setuidgid": "setuser, or chpst -u",
  "s6-applyuidgid": "chpst -u",
  "s6-envuidgid": "chpst -U",
  "s6-envdir": "chpst -e",
  "s6-softlimit": "softlimit",
  "s6-setlock": "chpst -L",
  "s6-log": "svlogd",
  "s6-svc": "sv",
  "s6-svwait": "sv check",
  "s6-rc": "sv",
  "s6-notifyoncheck": "a script check",
  fdmove: "exec and redirections",
  "with-contenv": "nothing: the environment of runsvdir is that of the container",
};

/** A script for a system without s6-overlay, and what is to be told of it. */
export interface Adapted {
  readonly text: string;
  readonly outcome: Outcome;
  /** Commands that it needs and that are not ours, with the line of each. */
  readonly needs: readonly { readonly tool: string; readonly line: number; readonly outcome: Outcome }[];
}

/** Replaces an interpreter that only s6-overlay has. `becomes` says what the file is here. */
export function adaptScript(text: string, becomes: string): Adapted {
  const [first = "", ...rest] = text.split("\n");
  const { line, outcome } = adaptInterpreter(first, becomes);
  const needs = Object.entries(tools).flatMap(([tool, instead]) => {
    const at = rest.findIndex((each) => new RegExp(`(^|[\\s/;|&(])${tool}(\\s|$)`).test(each.replace(/^\s*#.*/, "")));
    if (at === -1) return [];
    return [{ tool, line: at + 2, outcome: lost(`it needs ${tool}, which s6 has`, `write ${instead}`) }];
  });
  return { text: [line, ...rest].join("\n"), outcome, needs };
}

function adaptInterpreter(first: string, becomes: string): { readonly line: string; readonly outcome: Outcome } {
  const contained = /^#!\s*\/(?:command|usr\/bin)\/with-contenv\s+(\S+)\s*$/.exec(first)?.[1];
  if (contained !== undefined) {
    const name = contained.replace(/^.*\//, "");
    const line = /^(ba|da)?sh$/.test(name) ? `#!/bin/${name}` : `#!/usr/bin/env ${name}`;
    return { line, outcome: became(`${becomes}, which begins with ${line}`) };
  }
  const execline = /^#!\s*\S*\/execlineb\b(.*)$/.exec(first);
  if (execline !== null)
    return {
      line: `#!/usr/bin/execlineb${execline[1] ?? ""}`,
      outcome: lost("it needs execline", "install it, or write the script for sh"),
    };
  const command = /^#!\s*\/command\/(.*)$/.exec(first)?.[1];
  if (command !== undefined) return { line: `#!/usr/bin/env ${command}`, outcome: became(`${becomes}, found by PATH`) };
  return { line: first, outcome: became(`${becomes}, as it is`) };
}

/** The command line of a oneshot, which execline reads. One that is plain words is the same for sh. */
export function adaptCommand(text: string): { readonly script: string; readonly outcome: Outcome } {
  const lines = text.split("\n").map((line) => line.trim());
  const commands = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const [only = ""] = commands;
  if (commands.length === 1 && /^[\w@%+=:,./ -]+$/.test(only) && !only.startsWith("if "))
    return { script: `#!/bin/sh\nexec ${only}\n`, outcome: became(`run: exec ${only}`) };
  return {
    script: `#!/usr/bin/execlineb -P\n${text.endsWith("\n") ? text : `${text}\n`}`,
    outcome: lost("its command line needs execline", "install it, or write run for sh"),
  };
}
