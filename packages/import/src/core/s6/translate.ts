import { emptyService, type Entry, type Failure, type Outcome, type RenderedFile, type Service } from "../model.ts";
import { nearest } from "../nearest.ts";
import { became, lost, needless } from "../outcome.ts";
import { problemOfName } from "../service-name.ts";
import { type Definition, type SourceFile, valueOf } from "./definition.ts";
import { adaptCommand, adaptScript } from "./scripts.ts";

/** What a definition became. */
export interface Translated {
  readonly definition: Definition;
  readonly service: Service | null;
  readonly entries: readonly Entry[];
  readonly failures: readonly Failure[];
}

/** What a file of a definition becomes. */
interface Rule {
  readonly change: Partial<Service>;
  readonly outcome: Outcome;
  readonly more?: readonly { readonly tool: string; readonly line: number; readonly outcome: Outcome }[];
}

type RuleOf = (file: SourceFile, definition: Definition) => Rule;

const told =
  (outcome: Outcome): RuleOf =>
  () => ({ change: {}, outcome });

/** A file with one value, which means the same here, perhaps under another name. */
const setting =
  (name: string): RuleOf =>
  ({ text }) => ({
    change: { settings: { [name]: text.trim() } },
    outcome: became(text.trim() === "" ? name : `${name}: ${text.trim()}`),
  });

const pipeline = told(needless("told beside"));

/** Files of every kind. */
const common: Readonly<Record<string, RuleOf>> = {
  type: told(needless("the other files tell")),
  "flag-essential": told(needless("sv stops what it is told to stop")),
  "flag-recommended": told(needless("what is in the directory is started")),
};

const longrun: Readonly<Record<string, RuleOf>> = {
  ...common,
  run: ({ text }) => {
    const { text: script, outcome, needs } = adaptScript(text, "run");
    return { change: { command: { kind: "script", text: script } }, outcome, more: needs };
  },
  finish: ({ text }) => finishRule(text),
  "notification-fd": setting("notification-fd"),
  "timeout-kill": setting("timeout-kill"),
  "timeout-finish": setting("timeout-finish"),
  "down-signal": setting("down-signal"),
  nosetsid: setting("no-setsid"),
  down: () => ({ change: { down: true }, outcome: became("down") }),
  check: (file) => ({ change: { files: [copied(file)] }, outcome: became("check, as it is") }),
  "max-death-tally": told(needless("supervise/history.json has the last 20 ends")),
  "lock-fd": told(lost("no descriptor is locked", "write chpst -L in front of the program in run")),
  "producer-for": pipeline,
  "consumer-for": pipeline,
  "pipeline-name": told(needless("the log has no name of its own")),
};

const oneshot: Readonly<Record<string, RuleOf>> = {
  ...common,
  up: ({ text }) => {
    const { script, outcome } = adaptCommand(text);
    return { change: { command: { kind: "script", text: script }, settings: { restart: "never" } }, outcome };
  },
  down: told(lost("a job that is done is not stopped", "write a service whose run waits, and whose finish does this")),
  "timeout-up": told(lost("it may take as long as it likes", "write timeout in front of the command in run")),
  "timeout-down": told(needless("down is not run")),
};

function finishRule(text: string): Rule {
  const { text: script, outcome, needs } = adaptScript(text, "finish");
  const isDecisive = /\bexit\s+125\b/.test(text);
  return {
    change: {
      files: [{ path: "finish", text: script, executable: true }],
      // Without the file restart, exit code 125 does not count.
      settings: isDecisive ? { restart: "always" } : {},
    },
    outcome: /\b256\b/.test(text)
      ? lost("its first argument is -1 after a signal, and not 256", "compare it with -1 in finish")
      : outcome,
    more: needs,
  };
}

function copied({ path, text, executable }: SourceFile): RenderedFile {
  return { path, text, executable };
}

/** Whether the file belongs to a list that the caller knows about. */
function isListed(path: string): boolean {
  return /^(dependencies|contents)(\.d\/.*)?$/.test(path);
}

/** Translates a definition that is no bundle. */
export function translateDefinition(definition: Definition): Translated {
  const { name, directory, files } = definition;
  const type = valueOf(definition, "type") ?? "longrun";
  const rules = type === "oneshot" ? oneshot : longrun;
  const place = { file: `${directory}/type`, line: 1 };
  let service = emptyService(name, directory);
  const entries: Entry[] = [];
  for (const file of files.filter(({ path }) => !isListed(path))) {
    const { change, outcome, more = [] } = ruleOf(rules, file, definition);
    service = {
      ...service,
      ...change,
      settings: { ...service.settings, ...change.settings },
      files: [...service.files, ...(change.files ?? [])],
    };
    entries.push(entryOf(definition, file, outcome));
    for (const { tool, line, outcome: need } of more)
      entries.push({
        program: name,
        key: `${file.path}: ${tool}`,
        value: "",
        place: { file: `${directory}/${file.path}`, line },
        outcome: need,
      });
  }
  const problem = problemOfName(name);
  const failures: readonly Failure[] =
    problem !== null
      ? [{ place, text: `the name ${name} ${problem}` }]
      : type !== "longrun" && type !== "oneshot"
        ? [{ place, text: `the type ${type} is neither longrun, oneshot nor bundle` }]
        : service.command.kind === "script"
          ? []
          : [{ place, text: `${name}: has no ${type === "oneshot" ? "up" : "run"}` }];
  return { definition, service: failures.length === 0 ? service : null, entries, failures };
}

function ruleOf(rules: Readonly<Record<string, RuleOf>>, file: SourceFile, definition: Definition): Rule {
  const rule = Object.hasOwn(rules, file.path) ? rules[file.path] : undefined;
  if (rule !== undefined) return rule(file, definition);
  if (file.path === "log/run") {
    const { text, outcome, needs } = adaptScript(file.text, "log/run");
    return { change: { files: [{ ...copied(file), text }] }, outcome, more: needs };
  }
  if (/^(data|env|log)\//.test(file.path))
    return { change: { files: [copied(file)] }, outcome: became(`${file.path}, as it is`) };
  return { change: {}, outcome: { kind: "unknown", nearest: nearest(file.path, Object.keys(rules)) } };
}

/** The entry of a file, with the beginning of its first line. */
export function entryOf({ name, directory }: Definition, { path, text }: SourceFile, outcome: Outcome): Entry {
  const [first = ""] = text.trim().split("\n");
  return { program: name, key: path, value: first, place: { file: `${directory}/${path}`, line: 1 }, outcome };
}
