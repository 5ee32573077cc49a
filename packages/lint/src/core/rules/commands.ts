import { foregroundOf, startsAnother } from "../daemons.ts";
import type { Rule } from "../rule.ts";
import { type Command, commandsOf, isExec, isShell } from "../shell.ts";
import { fileOf, type ServiceSnapshot } from "../snapshot.ts";
import { unwrap } from "../wrapped.ts";
import { isShortLived } from "./short-lived.ts";

/** What `./run` must be in the end: the service itself, in the foreground. */
export const commandRules: readonly Rule[] = [
  {
    id: "no-exec",
    severity: "warning",
    find: (service) =>
      runScripts(service).flatMap(({ file, commands }) => {
        const last = commands.at(-1);
        const isHandled = commands.some((one) => isExec(one) || handlesSignals.has(one.words[0] ?? ""));
        if (last === undefined || isHandled || last.end === "&" || !isPlain(last) || isJob(service)) return [];
        const [program = ""] = last.words;
        const message = `${program} runs below the shell, which does not pass on signals`;
        return [{ file, line: last.line, message, mend: `write exec ${program} ...` }];
      }),
  },
  {
    id: "background",
    severity: "error",
    find: (service) =>
      runScripts(service).flatMap(({ file, commands }) => {
        const last = commands.at(-1);
        if (last?.end !== "&" || isJob(service)) return [];
        const message = "the last command runs in the background, so the script ends at once";
        return [{ file, line: last.line, message, mend: "leave out the &, and write exec before the command" }];
      }),
  },
  {
    id: "daemonizes",
    severity: "warning",
    find: (service) =>
      runScripts(service).flatMap(({ file, text, commands }) => {
        const last = commands.findLast(isExec) ?? commands.at(-1);
        if (last === undefined || isJob(service)) return [];
        const { program, args } = unwrap(last.words);
        const mend = startsAnother(program, args) ?? foregroundOf(program, args, text);
        if (mend === null) return [];
        return [{ file, line: last.line, message: `${program} puts itself into the background`, mend }];
      }),
  },
];

/** Commands by which a shell stays in charge of what it has started, or goes on in another file. */
const handlesSignals: ReadonlySet<string> = new Set(["wait", "trap", ".", "source"]);

/** A command that one could write `exec` before: no end of a loop, and nothing that is over at once. */
function isPlain(command: Command): boolean {
  return !/^(?:fi|done|esac|\}|\)|;;)$/.test(command.words[0] ?? "") && !isShortLived(command);
}

/** Whether the service is meant to end. */
function isJob(service: ServiceSnapshot): boolean {
  return /^\s*(?:never|on-failure)\s*$/.test(fileOf(service, "restart")?.text ?? "");
}

interface RunScript {
  readonly file: string;
  readonly text: string;
  readonly commands: readonly Command[];
}

function runScripts(service: ServiceSnapshot): readonly RunScript[] {
  return ["run", "log/run"].flatMap((file) => {
    const text = fileOf(service, file)?.text ?? "";
    return isShell(text) ? [{ file, text, commands: commandsOf(text.replaceAll("\r\n", "\n")) }] : [];
  });
}
