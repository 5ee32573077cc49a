import type { Outcome } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { umask } from "../values.ts";
import { literal, shellWord } from "../words.ts";
import { expandSpecifiers } from "./specifiers.ts";
import { each, subject, type UnitSubject } from "./subject.ts";

/** Where the directories of each kind are, and the variable that names them. */
const kinds = [
  { kind: "RuntimeDirectory", below: "/run", variable: "RUNTIME_DIRECTORY" },
  { kind: "StateDirectory", below: "/var/lib", variable: "STATE_DIRECTORY" },
  { kind: "CacheDirectory", below: "/var/cache", variable: "CACHE_DIRECTORY" },
  { kind: "LogsDirectory", below: "/var/log", variable: "LOGS_DIRECTORY" },
  { kind: "ConfigurationDirectory", below: "/etc", variable: "CONFIGURATION_DIRECTORY" },
] as const;
type Kind = (typeof kinds)[number];

function directories({ kind, below, variable }: Kind): UnitSubject {
  const modeKey = `${kind}Mode` as const;
  return subject<string>([kind, modeKey], (values, unit, { user }) => {
    const mode = values.read(modeKey, umask, "0755", "an octal number");
    const owner =
      user === null || kind === "ConfigurationDirectory"
        ? ""
        : ` -o ${shellWord([user.name])} -g ${user.group === null ? `"$(id -gn ${shellWord([user.name])})"` : shellWord([user.group])}`;
    const line = (paths: readonly string[]): string =>
      `install -d -m ${mode}${owner} ${paths.map((path) => shellWord([path])).join(" ")}`;
    const { items, outcomes } = each(
      values.lines(kind),
      (value) => {
        const paths = value.split(/\s+/).map((name) => {
          const word = expandSpecifiers(name, unit.name, unit.file);
          return typeof word === "string" ? null : literal(word);
        });
        const isSafe = (path: string | null): path is string =>
          path !== null &&
          path !== "" &&
          !path.startsWith("/") &&
          !path.split("/").includes("..") &&
          !path.includes(":");
        return paths.every(isSafe)
          ? paths.map((path) => `${below}/${path}`)
          : "is not a list of paths below a directory";
      },
      (paths): Outcome => became(`run: ${line(paths)}`),
    );
    const all = items.flat();
    return {
      change: {
        prepare: all.length === 0 ? [] : [`${line(all)} || exit 111`],
        environment: all.length === 0 ? [] : [[variable, [all.join(":")]]],
      },
      outcomes: {
        [kind]: outcomes,
        [modeKey]: values.outcome(
          modeKey,
          values.has(modeKey) ? became(`run: install -m ${mode}`) : needless("0755 it is"),
        ),
      },
    };
  });
}

const preserve = subject(["RuntimeDirectoryPreserve", "TemporaryFileSystem"], () => ({
  outcomes: {
    RuntimeDirectoryPreserve: needless("nobody removes the directory"),
    TemporaryFileSystem: lost("nothing is mounted for it", "mount it before runsvdir starts"),
  },
}));

/** Directories that are made for it. */
export const directorySubjects: readonly UnitSubject[] = [...kinds.map(directories), preserve];
