import leven from "leven";

import { otherKnownFiles, settingKinds } from "@upkeep/service-directory/core/known-files";

import type { Rule } from "../rule.ts";
import { fileOf, type ServiceSnapshot } from "../snapshot.ts";

/** Characters of a value that a message shows. */
const shown = 40;
const known: readonly string[] = [...Object.keys(settingKinds), ...otherKnownFiles];
/** Names that other suites use for something else. */
const foreign: ReadonlySet<string> = new Set([
  "dependencies",
  "lock-fd",
  "timeout-up",
  "timeout-down",
  "flag-essential",
]);

/** The files with settings. */
export const settingRules: readonly Rule[] = [
  {
    id: "unknown-name",
    severity: "warning",
    find: ({ files }) =>
      [...files.keys()].flatMap((file) => {
        const near = /[./~]/.test(file) || known.includes(file) || foreign.has(file) ? null : nearestTo(file);
        return near === null ? [] : [{ file, line: null, message: `means nothing`, mend: `did you mean ${near}?` }];
      }),
  },
  {
    id: "bad-value",
    severity: "error",
    find: (service) =>
      Object.entries(settingKinds).flatMap(([file, { parse, allowed }]) => {
        const text = fileOf(service, file)?.text?.trim() ?? null;
        if (text === null || parse(text) !== null) return [];
        const message = `${JSON.stringify(text.slice(0, shown))} is ignored`;
        return [{ file, line: 1, message, mend: `write ${allowed}` }];
      }),
  },
  {
    id: "critical-without-limit",
    severity: "warning",
    find: (service) => {
      const value = fileOf(service, "flag-critical")?.text?.trim();
      const hasEnd = ["restart", "restart-limit"].some((file) => service.files.has(file));
      if (value === undefined || value === "any-exit" || hasEnd) return [];
      const message = "no failure is ever for good, so this flag does nothing";
      return [{ file: "flag-critical", line: null, message, mend: "add restart-limit, such as 5 60, or restart" }];
    },
  },
  {
    id: "log-in-image",
    severity: "error",
    find: (service, { isReadOnly }) => {
      const text = fileOf(service, "log/run")?.text ?? "";
      const found = isReadOnly
        ? /\b(?:svlogd|s6-log|multilog)\b[^\n#]*\s(\.\/?[^\s;$]*|[a-z][\w-]*(?:\/[\w-]+)*)\s*$/m.exec(text)
        : null;
      if (found === null || isMovedAway(service, found[1] ?? "")) return [];
      const line = text.slice(0, found.index).split("\n").length;
      const message = `writes to ${found[1]} in the service directory, which is read-only`;
      return [{ file: "log/run", line, message, mend: "let it write to a directory below /var/log" }];
    },
  },
];

function isMovedAway({ files }: ServiceSnapshot, directory: string): boolean {
  return files.get(`log/${directory.replace(/^\.\//, "")}`)?.isLink === true;
}

/** A known name that differs in case, or by few letters; null: there is none. */
function nearestTo(name: string): string | null {
  const most = name.length < 5 ? 0 : name.length < 9 ? 1 : 2;
  const lower = name.toLowerCase();
  return known.find((one) => leven(lower, one) <= most && (one.length > 4 || lower === one)) ?? null;
}
