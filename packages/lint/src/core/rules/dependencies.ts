import type { Mistake, Rule } from "../rule.ts";
import { commandsOf, isExec, isShell } from "../shell.ts";
import { fileOf, type ServiceSnapshot, type Snapshot } from "../snapshot.ts";
import { isShortLived } from "./short-lived.ts";

/** Services that wait for others. */
export const dependencyRules: readonly Rule[] = [
  {
    id: "dependency-unknown",
    severity: "error",
    find: (service) =>
      dependenciesOf(service)
        .filter((name) => !service.siblings.has(name))
        .map((name) =>
          found(name, `there is no service ${name}, so this one never starts`, `add ${name}, or remove the file`),
        ),
  },
  {
    id: "dependency-cycle",
    severity: "error",
    find: (service, all) =>
      dependenciesOf(service).flatMap((name) => {
        const way = wayBack(name, service.name, all);
        if (way === null) return [];
        return [found(name, `waits in a circle: ${[service.name, ...way].join(" -> ")}`, "remove one of the files")];
      }),
  },
  {
    id: "job-without-restart",
    severity: "warning",
    find: (service, { services }) => {
      const text = fileOf(service, "run")?.text ?? "";
      const dependant = services.find((one) => dependenciesOf(one).includes(service.name));
      if (dependant === undefined || !isShell(text) || service.files.has("restart")) return [];
      const commands = commandsOf(text);
      const last = commands.at(-1);
      if (last === undefined || !isShortLived(last) || commands.some(isExec)) return [];
      const message = `ends when it is done, is started again and again, and ${dependant.name} waits for it`;
      return [{ file: "run", line: last.line, message, mend: "write on-failure into the file restart" }];
    },
  },
];

const directory = "dependencies.d/";

function dependenciesOf({ files }: ServiceSnapshot): readonly string[] {
  const names = [...files.keys()].filter((file) => file.startsWith(directory));
  return names.map((file) => file.slice(directory.length)).filter((name) => !name.startsWith("."));
}

/** The services by which one waits for another, that one included; null: it does not. */
function wayBack(from: string, to: string, { services }: Snapshot): readonly string[] | null {
  const ways: (readonly string[])[] = [[from]];
  const seen = new Set<string>();
  for (const way of ways) {
    const name = way.at(-1) ?? "";
    if (name === to) return way;
    if (seen.has(name)) continue;
    seen.add(name);
    const service = services.find((one) => one.name === name);
    if (service !== undefined) ways.push(...dependenciesOf(service).map((next) => [...way, next]));
  }
  return null;
}

function found(name: string, message: string, mend: string): Mistake {
  return { file: `${directory}${name}`, line: null, message, mend };
}
