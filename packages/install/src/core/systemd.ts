import { renewWords, runsvdirWords, searchPath } from "./command.ts";
import { origin, type Plan, type Request } from "./request.ts";

/** How long services get to stop, in seconds. systemd's own default for the whole is 90. */
const stopTimeout = 80;

/** A unit of the system or, with a configuration directory, of a user. */
export function systemdPlan(request: Request): Plan {
  const { name, directory, userConfiguration } = request;
  const units = userConfiguration === null ? "/etc/systemd/system" : `${userConfiguration}/systemd/user`;
  const target = userConfiguration === null ? "multi-user.target" : "default.target";
  const unit = `${units}/${name}.service`;
  const systemctl = userConfiguration === null ? "systemctl" : "systemctl --user";
  return {
    pieces: [
      { kind: "directory", path: directory },
      { kind: "file", path: unit, text: unitText(request, target), mode: 0o644 },
      // As `systemctl enable` makes it.
      { kind: "link", path: `${units}/${target}.wants/${name}.service`, target: unit },
    ],
    afterInstall: [
      `${systemctl} daemon-reload`,
      `${systemctl} start ${name}`,
      ...(userConfiguration === null ? [] : ["loginctl enable-linger"]),
    ],
    afterUninstall: [`${systemctl} stop ${name}`, `${systemctl} daemon-reload`],
  };
}

function unitText(request: Request, target: string): string {
  const { directory, userConfiguration } = request;
  const lines = [
    origin(request),
    "[Unit]",
    `Description=Services of ${specifierSafe(directory)}`,
    "Documentation=man:runsvdir(8)",
    ...(userConfiguration === null ? ["After=network.target"] : []),
    "# A supervisor is always started again.",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "Type=exec",
    `ExecStart=${runsvdirWords(request, stopTimeout).map(systemdWord).join(" ")}`,
    `Environment=${systemdWord(`PATH=${searchPath(request)}`)}`,
    "# After an upgrade: the new version takes over, and no service is restarted.",
    `ExecReload=${renewWords(request).map(systemdWord).join(" ")}`,
    "Restart=always",
    "RestartSec=1",
    "# When runsvdir is killed, its services go on, and the next runsvdir adopts them.",
    "KillMode=process",
    "# A service that lacks memory ends alone.",
    "OOMPolicy=continue",
    "# runsvdir stops all services in order, and kills what is left before this time is over.",
    `TimeoutStopSec=${stopTimeout + 10}`,
    "TasksMax=infinity",
    "# Services may make control groups of their own.",
    "Delegate=yes",
    "",
    "[Install]",
    `WantedBy=${target}`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** A word of a command line of systemd.service(5): neither quotes nor `$` nor `%` mean anything in it. */
export function systemdWord(word: string): string {
  const safe = specifierSafe(word).replaceAll("$", "$$$$");
  if (/^[A-Za-z0-9_@%+=:,./$-]+$/.test(safe)) return safe;
  return `"${safe.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** systemd replaces `%h` and the like in most values. */
function specifierSafe(text: string): string {
  return text.replaceAll("%", "%%");
}
