import { PlanError, runsvdirWords, searchPath, shellWord } from "./command.ts";
import { origin, type Plan, type Request } from "./request.ts";

/** How long services get to stop, in seconds. init itself waits 3 to 5, then kills what is left on its own. */
const stopTimeout = 7;

/** A line of /etc/inittab for sysvinit or BusyBox, and the script that it starts. */
export function sysvPlan(request: Request): Plan {
  const { name, directory, inittab } = request;
  if (inittab === null) throw new PlanError("no /etc/inittab: this host is started by another init");
  const script = `/etc/upkeep/${name}-start`;
  const again = isOfBusyBox(inittab) ? "kill -HUP 1" : "telinit q";
  return {
    pieces: [
      { kind: "directory", path: directory },
      { kind: "file", path: script, text: scriptText(request), mode: 0o755 },
      { kind: "line", path: "/etc/inittab", line: inittabLine(inittab, name, script) },
    ],
    afterInstall: [again],
    // sysvinit stops what it has started by a line that is gone. BusyBox may leave it alone.
    afterUninstall: isOfBusyBox(inittab) ? [again, `pkill -f ${shellWord(`runsvdir .* ${directory}$`)}`] : [again],
  };
}

/** The whole command line: inittab(5) allows 127 bytes, and init sets a PATH without /usr/local. */
function scriptText(request: Request): string {
  return [
    "#!/bin/sh",
    origin(request),
    `export PATH=${shellWord(searchPath(request))}`,
    `exec ${runsvdirWords(request, stopTimeout).map(shellWord).join(" ")}`,
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** BusyBox takes the first field for a terminal, so there it is empty; sysvinit wants a name of its own in it. */
function inittabLine(inittab: string, name: string, script: string): string {
  if (isOfBusyBox(inittab)) return `::respawn:${script}`;
  const rest = `2345:respawn:${script}`;
  const id = idOf(name);
  const taken = inittab.split("\n").find((line) => line.startsWith(`${id}:`) && line !== `${id}:${rest}`);
  if (taken !== undefined) throw new PlanError(`/etc/inittab has another line that begins with ${id}: ${taken}`);
  return `${id}:${rest}`;
}

function isOfBusyBox(inittab: string): boolean {
  return inittab.split("\n").some((line) => line.startsWith("::"));
}

/** At most four characters that tell the lines of several scan directories apart. */
function idOf(name: string): string {
  if (name === "upkeep") return "uk";
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 36 ** 3;
  return `u${sum.toString(36).padStart(3, "0")}`;
}
