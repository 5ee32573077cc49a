import type { Rule } from "../rule.ts";
import { commandsOf, isShell } from "../shell.ts";
import { unwrap } from "../wrapped.ts";
import { scriptsOf } from "./scripts.ts";

/** Users, permissions and names. */
export const accessRules: readonly Rule[] = [
  {
    id: "unknown-user",
    severity: "warning",
    find: (service, { users }) =>
      scriptsOf(service)
        .filter(({ text }) => users !== null && text !== null && isShell(text))
        .flatMap(({ name, text }) =>
          commandsOf(text ?? "").flatMap(({ line, words }) =>
            unwrap(words)
              .users.map((user) => user.replace(/:.*/, ""))
              .filter((user) => /^[a-z_][\w.-]*$/i.test(user) && users?.has(user) === false)
              .map((user) => ({
                file: name,
                line,
                message: `there is no user ${user}`,
                mend: "add the user, or name another",
              })),
          ),
        ),
  },
  {
    id: "writable-by-others",
    severity: "error",
    find: ({ files }) =>
      [...files]
        .filter(([name, { kind, mode }]) => decides(name, kind) && (mode & 0o002) !== 0)
        .map(([file]) => ({
          file,
          line: null,
          message: "everybody may write to it, and so decide what runs",
          mend: `chmod o-w ${file}`,
        })),
  },
  {
    id: "name-unfit",
    severity: "warning",
    find: ({ name }) => {
      if (!/^[-+]|[\s*?[\]\\\p{Cc}]/u.test(name)) return [];
      const message = "begins with a sign, or has blanks, control characters or characters of patterns in its name";
      return [{ file: ".", line: null, message, mend: "rename it: sv would need quotes" }];
    },
  },
  {
    id: "leads-nowhere",
    severity: "error",
    find: ({ files }) =>
      [...files]
        .filter(([name, { kind }]) => kind === "nothing" && !madeLater.test(name))
        .map(([file]) => ({
          file,
          line: null,
          message: "is a link to nothing",
          mend: "make its target, or remove it",
        })),
  },
];

/** What `runsv` and loggers make, perhaps behind a link to a directory that comes with the boot. */
const madeLater = /^(?:log\/)?supervise$|^log\/(?!run$|finish$|control)/;

/** Whether a file decides what runs. Logs, `supervise/` and pipes do not. */
function decides(name: string, kind: string): boolean {
  return (
    !name.startsWith("supervise") &&
    (kind === "file" || (kind === "directory" && /^(?:\.|log|control|log\/control)$/.test(name)))
  );
}
