import { environmentFileOutcome } from "../environment-file.ts";
import type { Outcome, User } from "../model.ts";
import { bad, became, lost, needless } from "../outcome.ts";
import { asUser } from "../render.ts";
import { umask, user } from "../values.ts";
import { describeWord, literal, shellWord, type Word } from "../words.ts";
import { expandSpecifiers } from "./specifiers.ts";
import { each, subject, textOf, type UnitSubject } from "./subject.ts";
import { boolean } from "./values.ts";
import { splitWords } from "./words.ts";

const userSubject = subject(["User", "Group", "SupplementaryGroups", "DynamicUser"], (values, unit) => {
  const nameOf = (key: "User" | "Group"): string | null => {
    const text = textOf(values, key, unit);
    const name = text === null ? null : user(text);
    if (text !== null && name === null) values.refuse(key, "is not a name");
    return name;
  };
  const name = nameOf("User");
  const group = nameOf("Group");
  const groups = each(
    values.lines("SupplementaryGroups"),
    (value) => {
      const names = value.split(/\s+/).map((one) => expandSpecifiers(one, unit.name, unit.file));
      const texts = names.map((word) => (typeof word === "string" ? null : literal(word)));
      return texts.every((text) => text !== null && user(text) !== null)
        ? texts.filter((text) => text !== null)
        : "is not a list of groups";
    },
    (names) => became(`run: ${names.map((one) => `:${one}`).join("")} in chpst -u`),
  );
  const extra = groups.items.flat();
  const isChanged = name !== null || group !== null || extra.length > 0;
  const made: User | null = isChanged
    ? { name: name ?? "root", group, groups: extra, ownGroups: true, login: name !== null }
    : null;
  const isDynamic = values.read("DynamicUser", boolean, false, "a boolean");
  const text = made === null ? "" : asUser(made).trim();
  return {
    change: { user: made },
    outcomes: {
      User: values.outcome("User", name === null ? needless("as runsvdir") : became(`run: ${text}`)),
      Group: values.outcome("Group", group === null ? needless("as runsvdir") : became(`run: ${text}`)),
      SupplementaryGroups: groups.outcomes,
      DynamicUser: values.outcome(
        "DynamicUser",
        isDynamic
          ? lost("no user is made for it: it runs as runsvdir does, or as User= says", "make a user, and import again")
          : needless("it is off"),
      ),
    },
  };
});

const directory = subject(["WorkingDirectory", "UMask"], (values, unit, { user: owner }) => {
  const value = values.last("WorkingDirectory") ?? "/";
  const path = value.replace(/^-/, "");
  const word: Word | string =
    path === "~" ? [homeOf(owner?.name ?? "root")] : expandSpecifiers(path, unit.name, unit.file);
  if (typeof word === "string") values.refuse("WorkingDirectory", word);
  const target: Word = typeof word === "string" ? ["/"] : word;
  const isOptional = value.startsWith("-");
  const mask = values.has("UMask") ? values.read("UMask", umask, null, "an octal number") : null;
  return {
    change: {
      directory: isOptional ? ["/"] : target,
      before: isOptional ? [`cd ${shellWord(target)} || :`] : [],
      umask: mask,
    },
    outcomes: {
      WorkingDirectory: values.outcome("WorkingDirectory", became(`run: cd ${shellWord(target)}`)),
      UMask: values.outcome("UMask", mask === null ? needless("as runsvdir") : became(`run: umask ${mask}`)),
    },
  };
});

function homeOf(name: string): Word[number] {
  return name === "root" ? "/root" : { kind: "output", of: `getent passwd ${shellWord([name])} | cut -d: -f6` };
}

const environment = subject(
  ["Environment", "EnvironmentFile", "PassEnvironment", "UnsetEnvironment"],
  (values, unit) => {
    const assigned = each(
      values.lines("Environment"),
      (value) => {
        const words = splitWords(value) ?? [];
        const pairs = words.map((word) => pairOf(expandSpecifiers(word, unit.name, unit.file)));
        const wrong = pairs.find((pair) => typeof pair === "string");
        return (
          wrong ??
          (words.length === 0 ? "has a quote that does not end" : pairs.filter((pair) => typeof pair !== "string"))
        );
      },
      (pairs) => became(`run: export ${pairs.map(([name, word]) => `${name}=${describeWord(word)}`).join(" ")}`),
    );
    const files = values.lines("EnvironmentFile").map(({ value }) => fileOf(value, unit));
    const removed = values.lines("UnsetEnvironment").map(({ value }) => value);
    const areNames = removed.map((value) => /^[A-Za-z_]\w*(\s+[A-Za-z_]\w*)*$/.test(value));
    return {
      change: {
        environment: [...assigned.items.flat(), ...files.flatMap(({ file }) => (file === null ? [] : [file]))],
        before: removed.filter((_value, at) => areNames[at]).map((value) => `unset ${value}`),
      },
      outcomes: {
        Environment: assigned.outcomes,
        EnvironmentFile: files.map(({ outcome }) => outcome),
        PassEnvironment: needless("the environment of runsvdir is passed on anyway"),
        UnsetEnvironment: removed.map((value, at) =>
          areNames[at] === true ? became(`run: unset ${value}`) : bad("is not a list of names of variables"),
        ),
      },
    };
  },
);

function pairOf(word: Word | string): readonly [name: string, value: Word] | string {
  if (typeof word === "string") return word;
  const [first, ...rest] = word;
  const [, name, value] = (typeof first === "string" ? /^([A-Za-z_]\w*)=(.*)$/s.exec(first) : null) ?? [];
  if (name === undefined || value === undefined) return "is not a list of NAME=VALUE";
  return [name, value === "" && rest.length > 0 ? rest : [value, ...rest]];
}

function fileOf(
  value: string,
  unit: Parameters<UnitSubject["translate"]>[1],
): { readonly file: { readonly path: Word; readonly optional: boolean } | null; readonly outcome: Outcome } {
  const optional = value.startsWith("-");
  const path = expandSpecifiers(value.replace(/^-/, ""), unit.name, unit.file);
  if (typeof path === "string") return { file: null, outcome: bad(path) };
  const text = describeWord(path);
  if (/[*?[]/.test(text))
    return { file: null, outcome: lost("no pattern is searched for", "name each file in run, as . does") };
  const { isRead, outcome } = environmentFileOutcome(text, unit.variables.get(text) ?? null);
  return { file: isRead ? { path, optional } : null, outcome };
}

/** As whom, where, and with which environment. The user comes first, whom others need to know. */
export const runSubjects: readonly UnitSubject[] = [userSubject, directory, environment];
