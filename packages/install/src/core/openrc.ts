import { renewWords, runsvdirWords, searchPath, shellWord } from "./command.ts";
import { origin, type Plan, type Request } from "./request.ts";

/** How long services get to stop, in seconds. */
const stopTimeout = 80;

/** A service of the default runlevel, under OpenRC's own supervisor: openrc-run(8), supervise-daemon(8). */
export function openrcPlan(request: Request): Plan {
  const { name, directory } = request;
  const script = `/etc/init.d/${name}`;
  return {
    pieces: [
      { kind: "directory", path: directory },
      { kind: "file", path: script, text: scriptText(request), mode: 0o755 },
      // As `rc-update add` makes it.
      { kind: "link", path: `/etc/runlevels/default/${name}`, target: script },
    ],
    afterInstall: [`rc-service ${name} start`],
    // rc-service knows no service whose script is gone. TERM makes supervise-daemon stop what it has started.
    afterUninstall: [`kill "$(cat ${pidFile(name)})"`],
  };
}

function pidFile(name: string): string {
  return `/run/${name}.pid`;
}

function scriptText(request: Request): string {
  const { name } = request;
  const [command = "", ...words] = runsvdirWords(request, stopTimeout);
  const lines = [
    "#!/sbin/openrc-run",
    origin(request),
    "",
    `description=${shellWord(`Services of ${request.directory}`)}`,
    "supervisor=supervise-daemon",
    `command=${shellWord(command)}`,
    // OpenRC gives these words to eval.
    `command_args=${shellWord(words.map(shellWord).join(" "))}`,
    `pidfile=${pidFile(name)}`,
    "# What runsvdir says, and services that have no log of their own.",
    `output_log=/var/log/${name}.log`,
    `error_log=/var/log/${name}.log`,
    "# A supervisor is always started again. Its services go on meanwhile, and it adopts them.",
    "respawn_delay=1",
    "respawn_max=0",
    "# runsvdir stops all services in order, and kills what is left before this time is over.",
    `retry=TERM/${stopTimeout + 10}/KILL/5`,
    "# PATH of the services. OpenRC needs its own PATH in this script.",
    `supervise_daemon_args=${shellWord(`--env ${shellWord(`PATH=${searchPath(request)}`)}`)}`,
    "# After an upgrade: the new version takes over, and no service is restarted.",
    "extra_started_commands=reload",
    "",
    "reload() {",
    `    ${renewWords(request).map(shellWord).join(" ")}`,
    "}",
    "",
    "depend() {",
    "    after localmount bootmisc net",
    "    use logger",
    "}",
  ];
  return lines.map((line) => `${line}\n`).join("");
}
