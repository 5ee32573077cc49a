import type { IniKey, IniSection } from "../ini.ts";
import type { Entry, Outcome } from "../model.ts";
import { nearest } from "../nearest.ts";
import { became, lost, needless } from "../outcome.ts";
import { umask, user } from "../values.ts";
import { Values } from "./program.ts";
import { type Common, entry } from "./section.ts";
import { userOfProgram } from "./subjects-run.ts";
import { variablesOf } from "./template.ts";
import { boolean } from "./values.ts";

type DaemonKey = "user" | "umask" | "environment" | "directory" | "nodaemon" | "childlogdir";

/** What `[supervisord]` means for its programs. */
export function readDaemon(
  keys: readonly IniKey[],
  here: string,
): Omit<Common, "file"> & { readonly outcomes: ReadonlyMap<string, Outcome> } {
  const values = new Values<DaemonKey>(
    Map.groupBy(keys, ({ key }) => key),
    { here },
  );
  const name = values.read("user", user, null, "the name of a user");
  const mask = values.read("umask", umask, null, "an octal number");
  const template = values.template("environment");
  const variables = template === null ? [] : variablesOf(template);
  if (variables === null) values.refuse("environment", "is not a list of NAME=VALUE");
  const daemonizes = !values.read("nodaemon", boolean, false, "true or false");
  const directory = daemonizes ? (values.template("directory")?.text ?? null) : null;
  const logDirectory = values.template("childlogdir")?.text ?? "/var/log";
  const dropsUser = name !== null && name !== "root" && name !== "0";
  const outcomes = new Map<string, Outcome>([
    [
      "user",
      values.outcome(
        "user",
        dropsUser
          ? became(`run of each program: chpst -u ${name}, with its groups`)
          : needless("runsvdir runs as whoever starts it"),
      ),
    ],
    ["umask", values.outcome("umask", became(`run of each program: umask ${mask ?? ""}`))],
    ["environment", values.outcome("environment", became("run of each program: export"))],
    [
      "directory",
      values.outcome(
        "directory",
        directory === null ? needless("it counts in the background only") : became("run of each program: cd"),
      ),
    ],
    ["childlogdir", values.outcome("childlogdir", became(`the log directories below ${logDirectory}`))],
  ]);
  return {
    setting: { known: { here }, logDirectory },
    base: {
      user: dropsUser ? userOfProgram(name) : null,
      umask: mask,
      environment: variables ?? [],
      directory: directory === null ? null : [directory],
    },
    outcomes,
  };
}

const noServer = needless("nothing listens: sv goes by files, whose modes tell who may use it");
const ownMessages = needless("runsvdir and runsv write to their standard error");

/** Keys of `[supervisord]` that concern supervisord alone. */
const daemonKeys: Readonly<Record<string, Outcome>> = {
  nodaemon: needless("runsvdir stays in the foreground anyway"),
  silent: ownMessages,
  logfile: ownMessages,
  logfile_maxbytes: ownMessages,
  logfile_backups: ownMessages,
  loglevel: ownMessages,
  pidfile: needless("no pid file is needed: sv finds a service by its directory"),
  identifier: needless("nothing asks for it"),
  nocleanup: needless("there are no automatic log files"),
  strip_ansi: lost(
    "escape sequences stay in the logs",
    "let svlogd replace them by -r _, or let the program leave them out",
  ),
  minfds: lost(
    "the soft limit of open files is what runsvdir was started with",
    "write chpst -o N into run, behind exec",
  ),
  minprocs: lost(
    "the soft limit of processes is what runsvdir was started with",
    "write chpst -p N into run, behind exec",
  ),
};

/** What becomes of the keys of a section that is no program. */
export function entriesBeside(
  file: string,
  section: IniSection,
  isIncluded: boolean,
  outcomes: ReadonlyMap<string, Outcome>,
): readonly Entry[] {
  const outcomeOf = ruleFor(section.name, isIncluded, outcomes);
  return outcomeOf === null
    ? []
    : section.keys.map((key) =>
        entry(
          null,
          { key: `${section.name}: ${key.key}`, value: key.value },
          { file, line: key.line },
          outcomeOf(key.key),
        ),
      );
}

function ruleFor(
  name: string,
  isIncluded: boolean,
  outcomes: ReadonlyMap<string, Outcome>,
): ((key: string) => Outcome) | null {
  const kind = name.replace(/:.*$/, "");
  switch (kind) {
    case "program":
      return null;
    case "supervisord":
      return (key) =>
        outcomes.get(key) ??
        daemonKeys[key] ?? { kind: "unknown", nearest: nearest(key, [...outcomes.keys(), ...Object.keys(daemonKeys)]) };
    case "unix_http_server":
    case "inet_http_server":
    case "supervisorctl":
    case "rpcinterface":
    case "ctlplugin":
      return () => noServer;
    case "include":
      return () =>
        isIncluded
          ? needless("supervisord does not read it in an included file")
          : became("the programs of those files");
    case "group":
      return (key) =>
        key === "programs"
          ? lost("there are no groups", "name the services, or use a pattern: sv restart 'web-*'")
          : lost("there are no groups", "the priority of each program counts");
    case "eventlistener":
      return () =>
        lost(
          "nothing sends events",
          "use finish, flag-critical or check, which do what listeners mostly do, or read the events of runsv (UPKEEP_EVENTS_FD)",
        );
    case "fcgi-program":
      return () =>
        lost(
          "nobody opens the socket for several processes",
          "let the program open it, as php-fpm does, or spawn-fcgi in run",
        );
    default:
      return () => ({
        kind: "unknown",
        nearest: nearest(kind, ["program", "supervisord", "include", "group", "eventlistener", "supervisorctl"]),
      });
  }
}
