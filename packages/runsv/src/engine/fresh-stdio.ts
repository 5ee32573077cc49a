import { closeSync } from "node:fs";

import { openAnew, setNonBlocking } from "@upkeep/linux/fd/descriptor";

/** The descriptors that a process gets as 0, 1 and 2. */
export type Stdio = readonly [number, number, number];

/** Gives a start its descriptors for as long as `use` takes. */
export type FreshStdio = <Result>(stdio: Stdio, use: (fresh: Stdio) => Result) => Result;

/** What is above is a pipe of ours. The others may be anything, and belong to our parent as well. */
const lastInherited = 2;

/**
 * Sees to it that no start finds O_NONBLOCK on its descriptors, where it loses lines to EAGAIN. The flag belongs to the open
 * file, which all starts would share: whatever one of them sets, the next ones would find. Pipes of ours are opened anew for
 * each start. Of inherited descriptors the flag is cleared.
 */
export const withFreshStdio: FreshStdio = (stdio, use) => {
  const opened = new Map<number, number>();
  const renew = (fd: number): number => {
    const known = opened.get(fd);
    if (known !== undefined) return known;
    const fresh = fd > lastInherited ? tryOpenAnew(fd) : null;
    if (fresh === null) clearFlag(fd);
    else opened.set(fd, fresh);
    return fresh ?? fd;
  };
  try {
    const [input, output, error] = stdio;
    return use([renew(input), renew(output), renew(error)]);
  } finally {
    for (const fd of opened.values()) closeSync(fd);
  }
};

function tryOpenAnew(fd: number): number | null {
  try {
    return openAnew(fd);
  } catch {
    // For want of descriptors, most likely.
    return null;
  }
}

function clearFlag(fd: number): void {
  try {
    setNonBlocking(fd, false);
  } catch {
    // It is closed.
  }
}
