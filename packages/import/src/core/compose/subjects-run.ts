import { split } from "shlex";

import { environmentFileOutcome } from "../environment-file.ts";
import type { EnvironmentFile, Outcome, User } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import type { Values } from "../subject.ts";
import { interpolate } from "../tree/interpolation.ts";
import { variablesOf } from "../tree/variables.ts";
import { count, fieldOf, flag, text, texts, type Tree } from "../tree/tree.ts";
import { shellWord, shellWords, type Word } from "../words.ts";
import { type ComposeService, type ComposeSubject, subject } from "./context.ts";

/** A command: a list of words, or a text that is cut into words as a shell would. No shell runs it. */
export function wordsOf(tree: Tree): readonly Word[] | null {
  const list = texts(tree) ?? cut(text(tree));
  const words = list?.map(interpolate);
  return words === undefined || words.some((word) => word === null) ? null : words.filter((word) => word !== null);
}

function cut(line: string | null): readonly string[] | null {
  try {
    return line === null ? null : split(line);
  } catch {
    return null;
  }
}

const command = subject(["entrypoint", "command", "image", "build"], (values) => {
  const read = (key: "entrypoint" | "command"): readonly Word[] =>
    values.read(key, wordsOf, [], "a list of words, or a line that a shell could cut; a $ itself is $$");
  const words = [...read("entrypoint"), ...read("command")];
  const outcome = became(`run: exec ${shellWords(words)}`);
  return {
    change: { command: { kind: "words", words } },
    outcomes: {
      entrypoint: values.outcome("entrypoint", values.has("entrypoint") ? outcome : needless("command is all")),
      command: values.outcome("command", values.has("command") ? outcome : needless("entrypoint is all")),
      image: lost("the program comes from no image", "install it where runsvdir runs"),
      build: lost("no image is built", "install what the Dockerfile installs where runsvdir runs"),
    },
  };
});

const surroundings = subject(["working_dir", "environment", "env_file", "user", "group_add"], (values, context) => {
  const stated = values.read("working_dir", text, null, "a path");
  const path = stated === null ? null : interpolate(stated);
  if (stated !== null && path === null) values.refuse("working_dir", "has a $ that begins no variable");
  const { environment, outcome } = variablesOf(values, "environment");
  const files = filesOf(values, context);
  const user = userOf(values);
  return {
    change: { directory: path ?? [context.directory], environment: [...files.files, ...environment], user },
    outcomes: {
      working_dir: values.outcome(
        "working_dir",
        became(
          `run: cd ${shellWord(path ?? [context.directory])}${path === null ? ", where the file is: WORKDIR is not known" : ""}`,
        ),
      ),
      environment: outcome,
      env_file: values.outcome("env_file", files.outcome),
      user: values.outcome("user", user === null ? needless("as runsvdir") : became(`run: chpst -u, as ${user.name}`)),
      group_add: values.outcome(
        "group_add",
        values.has("group_add") ? became("run: chpst -u, with these groups") : needless("none are added"),
      ),
    },
  };
});

function filesOf(
  values: Values<string, Tree>,
  { directory, variables }: ComposeService,
): { readonly files: readonly EnvironmentFile[]; readonly outcome: Outcome } {
  const tree = values.last("env_file");
  const items = tree === null ? [] : tree.kind === "list" ? tree.items : [tree];
  const files = items.map((item) => {
    const path = text(fieldOf(item, "path") ?? item);
    if (path === null) return null;
    const full = path.startsWith("/") ? path : `${directory}/${path.replace(/^\.\//, "")}`;
    return { path: full, optional: flag(fieldOf(item, "required") ?? item) === false };
  });
  if (files.some((file) => file === null)) values.refuse("env_file", "is not a path, or a list of them");
  const read = files.flatMap((file) => {
    if (file === null) return [];
    return [{ file, ...environmentFileOutcome(file.path, variables.get(file.path) ?? null) }];
  });
  const wrong = read.find(({ isRead }) => !isRead);
  return {
    files: read.filter(({ isRead }) => isRead).map(({ file }) => ({ path: [file.path], optional: file.optional })),
    outcome:
      wrong?.outcome ??
      (read.length === 0
        ? needless("there is none")
        : became(`run: . ${read.map(({ file }) => file.path).join(" ")}, at each start`)),
  };
}

function userOf(values: Values<string, Tree>): User | null {
  const stated = values.read("user", text, null, "a user");
  const groups = values.read("group_add", texts, [], "a list of groups");
  if (stated === null && groups.length === 0) return null;
  const [name = "root", group = null] = (stated ?? "root").split(":");
  const isName = (part: string | null): boolean => part === null || /^[\w.-]+$/.test(part);
  if (isName(name) && isName(group) && groups.every(isName))
    return { name, group, groups, ownGroups: group === null || !/^\d+$/.test(name), login: false };
  values.refuse("user", "is not a user, or a user and a group, by name or number");
  return null;
}

/** What sets a soft limit. */
const limitOptions: Readonly<Record<string, string>> = {
  nofile: "-o",
  nproc: "-p",
  core: "-c",
  fsize: "-f",
  data: "-d",
  cpu: "-t",
};

const limits = subject(["ulimits", "oom_score_adj"], (values) => {
  const tree = values.last("ulimits");
  if (tree !== null && tree.kind !== "map") values.refuse("ulimits", "is not a mapping");
  const stated = tree?.kind === "map" ? tree.entries : [];
  const options = stated.flatMap(({ key, value }) => {
    const number = count(fieldOf(value, "soft") ?? value);
    const option = limitOptions[key];
    return option === undefined || number === null ? [] : [`${option} ${number}`];
  });
  const score = values.read(
    "oom_score_adj",
    (item) => (/^-?\d{1,4}$/.test(text(item) ?? "") ? text(item) : null),
    null,
    "a number",
  );
  const write = score === null ? [] : [`echo ${score} >/proc/self/oom_score_adj || exit 111`];
  return {
    change: { options, prepare: write },
    outcomes: {
      ulimits: values.outcome(
        "ulimits",
        options.length === stated.length
          ? tree === null
            ? needless("as runsvdir")
            : became(`run: chpst ${options.join(" ")}, the soft limits`)
          : lost(`of these limits only ${options.join(" ")} are set`, "write prlimit in front of the program in run"),
      ),
      oom_score_adj: values.outcome(
        "oom_score_adj",
        score === null ? needless("as runsvdir") : became(`run: ${write.join("")}`),
      ),
    },
  };
});

/** What is executed, as whom, where, and with what. */
export const runSubjects: readonly ComposeSubject[] = [command, surroundings, limits];
