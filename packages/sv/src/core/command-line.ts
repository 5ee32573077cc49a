import type { Mode } from "@upkeep/client/core/commands";
import type { CommandLine } from "@upkeep/program/command-line/options";
import { UsageError, usageText } from "@upkeep/program/core/usage";

/** How the program behaves under the name that it was called by. */
export function modeOf(name: string): Mode {
  return name === "sv" ? "sv" : "lsb";
}

/** The command line for `parseOptions`. */
export function commandLineOf(name: string): CommandLine<typeof knownOptions> {
  const mode = modeOf(name);
  return {
    usage: usageText(name, synopsis[mode]),
    help: mode === "sv" ? help.sv : help.lsb(name),
    manual: "sv(8)",
    options: knownOptions,
  };
}

/** The complaint about a command line that makes no sense. */
export function usageError(name: string): UsageError {
  return new UsageError(commandLineOf(name).usage);
}

const synopsis = { sv: "[-v] [-w sec] command service ...", lsb: "[-w sec] command" };

const help = {
  sv: `usage: sv ${synopsis.sv}

Controls services which are monitored by runsv, and reports on them.

Commands, of which the first letter will do:
  status                    report on the service and its log service
  up, down, once            start; stop; start and do not restart
  exit                      stop, and end runsv
  term, kill, hup, interrupt, quit, alarm, 1, 2, pause, cont
                            send a signal

Commands that wait until it is done, to be spelled out:
  start, stop, restart, try-restart, reload, shutdown
  check                     wait until the service is as it is wanted
  force-stop, force-restart, force-reload, force-shutdown
                            likewise, and kill when the time is over

Commands that runit's sv does not have, to be spelled out:
  status --json [service ...]
                            what is known of the services, as JSON
  list [--wide] [--watch] [service ...]
                            the same as a table
  top [service ...]         the same on a terminal, as it changes, with logs
                            and with keys that control the services
  show [--json] service ... all that is known of a service, and what to do next
  graph [--dot|--mermaid|--json] [service ...]
                            who waits for whom
  blame [--json] [service ...]
                            how long they took to be ready, and why
  log [-f] [service ...]    what they have logged; see sv log --help
  health [service ...]      whether all that is wanted up is up and ready
  wait [-t sec] up|down|ready|failed service ...
                            wait until the services are so
  lint [directory ...]      mistakes in service directories; see sv lint --help
  completion bash|zsh|fish  a script by which the shell completes sv
  renew [dir]               after an upgrade: go on with the programs that are
                            there now; no service is restarted
  enable, disable           start it now and at boot; stop it, and keep it so

A service may be a pattern as in a shell: 'web-*'. Without services, list,
top, blame, graph, log, health and status --json tell of all in /etc/service, or
SVDIR. Options come before the command.`,
  lsb: (name: string) => `usage: ${name} ${synopsis.lsb}

Controls the service ${name}, with the commands of sv and the exit codes of an init script.`,
};

const knownOptions = {
  v: { type: "boolean", describe: "wait and report also where the command does not by itself" },
  w: { type: "string", requiresArg: true, argument: "sec", describe: "wait at most this many seconds (7); implies -v" },
  V: { type: "boolean", describe: "show the version and the usage" },
} as const;
