import { split } from "shlex";

import type { User } from "../model.ts";
import { describeWord, shellWord, shellWords } from "../words.ts";
import { became, needless } from "../outcome.ts";
import { type Subject, subject } from "./program.ts";
import { variablesOf, wordOf } from "./template.ts";
import { umask, user } from "../values.ts";

/** `command`: words by the rules of Python's shlex. No shell is between. */
const command = subject(["command"], (values) => {
  const template = values.template("command");
  const words = template === null ? [] : wordsOf(template.text).map((word) => wordOf(word, template));
  if (template !== null && words.length === 0) values.refuse("command", "has no words, or a quote that does not end");
  return {
    change: { command: { kind: "words", words } },
    outcomes: { command: values.outcome("command", became(`run: exec ${shellWords(words)}`)) },
  };
});

function wordsOf(text: string): readonly string[] {
  try {
    return split(text);
  } catch {
    return [];
  }
}

const directory = subject(["directory"], (values, service) => {
  const template = values.template("directory");
  // supervisord starts programs where it was started itself, which is the root under every init, or where it went.
  const word = template === null ? (service.directory ?? ["/"]) : wordOf(template.text, template);
  return {
    change: { directory: word },
    outcomes: { directory: values.outcome("directory", became(`run: cd ${shellWord(word)}`)) },
  };
});

const umaskSubject = subject(["umask"], (values) => {
  const mask = values.has("umask") ? values.read("umask", umask, "022", "an octal number") : null;
  return {
    change: mask === null ? {} : { umask: mask },
    outcomes: {
      umask: values.outcome("umask", mask === null ? needless("as inherited") : became(`run: umask ${mask}`)),
    },
  };
});

const userSubject = subject(["user"], (values) => {
  if (!values.has("user")) return { change: {}, outcomes: { user: needless("as runsv") } };
  const name = values.read("user", user, null, "the name of a user");
  return {
    change: { user: name === null ? null : userOfProgram(name) },
    outcomes: { user: values.outcome("user", became(`run: chpst -u ${name ?? ""}, with its groups`)) },
  };
});

const environment = subject(["environment"], (values) => {
  const template = values.template("environment");
  const variables = template === null ? [] : variablesOf(template);
  if (variables === null)
    values.refuse(
      "environment",
      "is not a list of NAME=VALUE with commas, and quotes where there are other characters",
    );
  const known = variables ?? [];
  const shown = known.map(([name, value]) => `${name}=${describeWord(value)}`).join(", ");
  return {
    change: { environment: known },
    outcomes: {
      environment: values.outcome(
        "environment",
        shown === "" ? needless("it is empty") : became(`run: export ${shown}`),
      ),
    },
  };
});

/** supervisord sets all groups of a user, and no variable. */
export function userOfProgram(name: string): User {
  return { name, group: null, groups: [], ownGroups: true, login: false };
}

/** What `run` does before it becomes the program, and as whom. */
export const runSubjects: readonly Subject[] = [command, directory, umaskSubject, userSubject, environment];
