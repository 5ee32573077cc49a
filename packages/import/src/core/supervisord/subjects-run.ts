import { split } from "shlex";

import { describeWord, shellWord, shellWords } from "../words.ts";
import { became, lost, needless, type Subject, subject } from "./program.ts";
import { variablesOf, wordOf } from "./template.ts";
import { umask, user } from "./values.ts";

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

const directory = subject(["directory"], (values) => {
  const template = values.template("directory");
  const word = template === null ? null : wordOf(template.text, template);
  return {
    // supervisord starts programs where it was started itself, which is the root under every init.
    change: { directory: word ?? ["/"] },
    outcomes: { directory: values.outcome("directory", became(`run: cd ${shellWord(word ?? ["/"])}`)) },
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
  const isNumber = name !== null && /^\d+$/.test(name);
  return {
    change: { user: isNumber ? `:${name}` : name },
    outcomes: {
      user: values.outcome(
        "user",
        isNumber
          ? lost(`the group of user ${name} is not known here`, "write its name, or :UID:GID, behind chpst -u in run")
          : became(`run: chpst -u ${name ?? ""}`),
      ),
    },
  };
});

const environment = subject(["environment"], (values, service) => {
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
    change: { environment: [...service.environment, ...known] },
    outcomes: {
      environment: values.outcome(
        "environment",
        shown === "" ? needless("it is empty") : became(`run: export ${shown}`),
      ),
    },
  };
});

/** What `run` does before it becomes the program, and as whom. */
export const runSubjects: readonly Subject[] = [command, directory, umaskSubject, userSubject, environment];
