import type { Mistake, Rule } from "../rule.ts";
import type { FileSnapshot, ServiceSnapshot } from "../snapshot.ts";

/** What must be there and must be executable: `./run`, scripts that are optional, and the same of the log service. */
export const scriptRules: readonly Rule[] = [
  {
    id: "run-missing",
    severity: "error",
    find: ({ files }) => {
      // Debian's packages have their log/run made by runit-helper when they are installed.
      const hasLog = files.get("log")?.kind === "directory" && !files.has(".meta/logscript");
      return (hasLog ? ["run", "log/run"] : ["run"])
        .filter(
          (file) => files.get(".")?.kind !== "nothing" && !["file", "nothing"].includes(files.get(file)?.kind ?? ""),
        )
        .map((file) => mistake(file, null, "there is no such file", "write the script, and make it executable"));
    },
  },
  {
    id: "not-executable",
    severity: "error",
    find: (service) =>
      scriptsOf(service)
        .filter(({ mode }) => (mode & 0o111) === 0)
        .map(({ name }) => mistake(name, null, "is not executable", `chmod +x ${name}`)),
  },
  {
    id: "crlf",
    severity: "error",
    find: (service) =>
      scriptsOf(service)
        .filter(({ text }) => text !== null && text.startsWith("#!") && text.includes("\r\n"))
        .map(({ name, text }) => {
          const line = (text ?? "").split("\n").findIndex((one) => one.endsWith("\r")) + 1;
          return mistake(name, line, "lines end in CR LF", `sed -i 's/\\r$//' ${name}`);
        }),
  },
  {
    id: "interpreter-none",
    severity: "error",
    find: (service) =>
      scriptsOf(service)
        .filter(({ text }) => text !== null && !text.startsWith("#!"))
        .map(({ name }) =>
          mistake(name, 1, "does not begin with #!, so it cannot be executed", "begin it with #!/bin/sh"),
        ),
  },
  {
    id: "interpreter-missing",
    severity: "error",
    find: (service, { interpreters }) =>
      scriptsOf(service).flatMap(({ name, text }) => {
        const path = interpreterOf(text ?? "");
        if (path === null || interpreters.has(path)) return [];
        return [mistake(name, 1, `the interpreter ${path} does not exist`, "install it, or name another")];
      }),
  },
];

interface Script extends FileSnapshot {
  readonly name: string;
}

const names = /^(?:log\/)?(?:run|finish|control\/[a-z12])$|^check$/;

/** The scripts of a service and its log. */
export function scriptsOf({ files }: ServiceSnapshot): readonly Script[] {
  return [...files]
    .filter(([name, { kind }]) => kind === "file" && names.test(name))
    .map(([name, file]) => ({ ...file, name }));
}

/** What the first line of a script names; null where it names nothing, or by a relative path. */
export function interpreterOf(text: string): string | null {
  return /^#!\s*(\/[^\s]*)/.exec(text)?.[1] ?? null;
}

function mistake(file: string, line: number | null, message: string, mend: string): Mistake {
  return { file, line, message, mend };
}
