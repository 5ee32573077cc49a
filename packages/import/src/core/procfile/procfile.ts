import { emptyService, type Entry, type Failure, type Imported, type Outcome, type Service } from "../model.ts";
import { type Beside, dotEnv } from "../environment-file.ts";
import { problemOfName } from "../service-name.ts";

/** A Procfile, with what lies beside it. */
export interface Procfile {
  readonly file: string;
  readonly text: string;
  /** The directory in which its processes run. */
  readonly directory: string;
  /** `.env` beside it; null if there is none. */
  readonly environment: Beside | null;
}

/** The ports that foreman gives out: 5000 for the first process, 5100 for the second one. */
const firstPort = 5000;
const portStep = 100;
/** In ms: foreman sends KILL five seconds after TERM. */
const timeoutKill = 5000;

/** Heroku's name for what runs once, before all others. */
const release = "release";

/** Translates a Procfile: each line is a process type and a line for the shell. */
export function importProcfile({ file, text, directory, environment }: Procfile): Imported {
  const entries: Entry[] = [];
  const failures: Failure[] = [];
  const services: Service[] = [];
  const { files, entries: told } = dotEnv(environment);
  entries.push(...told);
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const place = { file, line: index + 1 };
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, name, command] = /^([^\s:]+)\s*:\s*(\S.*)$/.exec(line) ?? [];
    if (name === undefined || command === undefined) {
      failures.push({ place, text: "is not a process type, a colon and a command" });
      continue;
    }
    const problem = services.some((other) => other.name === name) ? "stands here a second time" : problemOfName(name);
    if (problem !== null) {
      failures.push({ place, text: `the name ${name} ${problem}` });
      continue;
    }
    const port = firstPort + portStep * services.filter((other) => other.name !== release).length;
    const service = serviceOf(name, command, file, directory, port);
    services.push({ ...service, environment: [...files, ...service.environment] });
    entries.push({
      program: name,
      key: name,
      value: command,
      place,
      outcome: { kind: "became", text: "run: exec sh -c, with log-prefix" },
    });
    entries.push(...defaultsOf(name, port));
  }
  const isReleased = services.some(({ name }) => name === release);
  return {
    services: services.map((service) =>
      isReleased && service.name !== release ? { ...service, dependencies: [release] } : service,
    ),
    entries,
    failures,
  };
}

function serviceOf(name: string, command: string, file: string, directory: string, port: number): Service {
  return {
    ...emptyService(name, `${file}, ${name}`),
    command: { kind: "shell", line: command },
    directory: [directory],
    environment: name === release ? [] : [["PORT", [String(port)]]],
    output: { kind: "prefixed", prefix: null },
    settings: { "timeout-kill": String(timeoutKill), ...(name === release ? { restart: "never" } : {}) },
    stopGroup: true,
  };
}

/** What foreman does without being asked. */
function defaultsOf(name: string, port: number): readonly Entry[] {
  const byDefault = (key: string, value: string, outcome: Outcome): Entry => ({
    program: name,
    key,
    value,
    place: null,
    outcome,
  });
  const stop = byDefault("timeout", "5", {
    kind: "became",
    text: `timeout-kill: ${timeoutKill}, and control/t for the whole group`,
  });
  if (name === release)
    return [
      stop,
      byDefault("release", "once, before all others", {
        kind: "became",
        text: "restart: never, and dependencies.d/release of the others",
      }),
    ];
  return [
    byDefault("port", String(port), { kind: "became", text: `run: export PORT=${port}` }),
    stop,
    byDefault("end of one process", "ends all", {
      kind: "lost",
      means: "it is started again, and the others go on",
      instead: "write any-exit into flag-critical for what foreman does",
    }),
  ];
}
