import { readdirSync, readlinkSync } from "node:fs";

import { attempt, SystemError } from "../core/errno.ts";
import { isCloseOnExec, setCloseOnExec } from "../fd/descriptor.ts";

/**
 * Lets children, and a program executed in our place, inherit what we have inherited above 2. Both runtimes make that
 * close-on-exec at their start, Node as far as the first gap above 15. Throws SystemError without /proc.
 *
 * @param ownsPipes as for {@link inheritedDescriptors}. @param ours descriptors that were meant for this process alone.
 */
export function passOnInherited(ownsPipes: boolean, ours: readonly (number | null)[] = []): void {
  const own = new Set(ours);
  for (const fd of inheritedDescriptors(readDescriptors(), ownsPipes)) if (!own.has(fd)) setCloseOnExec(fd, false);
  for (const fd of own) closeOnExec(fd);
}

/** Leaves out what is not open at all. */
function closeOnExec(fd: number | null): void {
  try {
    if (fd !== null) setCloseOnExec(fd, true);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}

/** An open descriptor above 2, and what it leads to: `pipe:[4711]`, `/etc/passwd`. */
export interface OpenDescriptor {
  readonly fd: number;
  readonly target: string;
}

function readDescriptors(): readonly OpenDescriptor[] {
  const found: OpenDescriptor[] = [];
  for (const name of attempt("list descriptors", () => readdirSync("/proc/self/fd"))) {
    const fd = Number(name);
    if (fd <= 2) continue;
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`);
      if (isCloseOnExec(fd)) found.push({ fd, target });
    } catch {
      // The listing itself had it open.
    }
  }
  return found;
}

/**
 * Tells which of the close-on-exec descriptors came from the parent, because both runtimes make what they inherit
 * close-on-exec. The first descriptor that a runtime opens is an event poll, in the lowest free place. Above it are other
 * descriptors without a file, and in Node pipes whose two ends are both here.
 */
export function inheritedDescriptors(all: readonly OpenDescriptor[], ownsPipes: boolean): readonly number[] {
  const isOwnKind = ({ target }: OpenDescriptor): boolean =>
    target.startsWith("anon_inode:") ||
    (ownsPipes && target.startsWith("pipe:") && all.filter((other) => other.target === target).length > 1);
  const sorted = all.toSorted((one, other) => one.fd - other.fd);
  const first = sorted.findIndex(({ target }) => target === "anon_inode:[eventpoll]");
  return sorted.filter((one, at) => at < first || !isOwnKind(one)).map(({ fd }) => fd);
}
