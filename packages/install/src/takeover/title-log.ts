import { closeSync, constants, openSync } from "node:fs";

import { environmentAtStart } from "@upkeep/linux/exec/environment";
import { spawn } from "@upkeep/linux/exec/spawn";
import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { closeQuietly } from "@upkeep/linux/fd/files";

import { descriptorsOf } from "./processes.ts";

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

// With a LOG argument, runit's runsvdir reads the standard error of everything below it from a pipe. A service that is
// not restarted keeps that pipe, and without a reader a line on it would end the service (SIGPIPE).

/** Opens that pipe of a runsvdir for reading; null where it has none. */
export function openTitleLog(pid: number): number | null {
  const all = descriptorsOf(pid);
  const link = all.find(({ fd }) => fd === 2)?.link ?? "";
  // Its parent may have given it a pipe: of that it has one end.
  const end = link.startsWith("pipe:") ? all.find((one) => one.fd > 2 && one.link === link) : undefined;
  return end === undefined ? null : openSync(`/proc/${pid}/fd/${end.fd}`, O_RDONLY | O_NONBLOCK);
}

/**
 * Has cat(1) pass on what comes from the pipe to the standard error of another process, or to nobody if that has gone,
 * until all that have the pipe have ended. Closes the descriptor. Returns the pid; null where it cannot be started.
 */
export function passOn(pipe: number, to: number): number | null {
  const target = openErrors(to) ?? openSync("/dev/null", O_WRONLY);
  try {
    for (const fd of [pipe, target]) setNonBlocking(fd, false);
    const started = spawn({
      path: "/bin/sh",
      argv: ["sh", "-c", "cat; exec cat >/dev/null"],
      environment: environmentAtStart(),
      newSession: true,
      stdio: [pipe, target, null],
    });
    return started.ok ? started.pid : null;
  } finally {
    closeQuietly(target);
    closeSync(pipe);
  }
}

function openErrors(pid: number): number | null {
  try {
    return openSync(`/proc/${pid}/fd/2`, O_WRONLY | O_NONBLOCK);
  } catch {
    return null;
  }
}
