import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
const EPOLLONESHOT = 1 << 30;

/** struct epoll_event: the events, then 64 bits of ours. Only on x86-64 there is nothing between them. */
const dataAt = process.arch === "x64" ? 4 : 8;
const size = dataAt + 8;

/** How many are told of at a time. The others are told of the next time. */
export const mostTaken = 64;

/** A set of descriptors of which the kernel knows which are ready, however many there are (epoll(7)). */
export interface Epoll {
  readonly fd: number;
  /**
   * Has the kernel tell once when the descriptor is ready for one of the events. Throws {@link SystemError}: EPERM for what
   * is always ready, such as a plain file.
   *
   * @param isNew whether it most likely is not in the set yet, which saves a call.
   */
  arm(fd: number, events: number, isNew: boolean): void;
  /** Has it tell no more. Whoever closes a descriptor does that first. */
  remove(fd: number): void;
  /** Some of those that are ready. Each is told of once. */
  take(): readonly number[];
}

export function createEpoll(): Epoll {
  const fd = libc.epoll_create1(EPOLL_CLOEXEC);
  if (fd === -1) throw new SystemError("create epoll", libc.errno());
  const bytes = new Uint8Array(size * mostTaken);
  const view = new DataView(bytes.buffer);
  const event = new Uint8Array(size);
  const eventView = new DataView(event.buffer);
  const control = (operation: number, target: number, events: number): number => {
    eventView.setUint32(0, events, true);
    eventView.setInt32(dataAt, target, true);
    return libc.epoll_ctl(fd, operation, target, event) === 0 ? 0 : libc.errno();
  };
  return {
    fd,
    arm: (target, events, isNew) => {
      const wanted = events | EPOLLONESHOT;
      const [likely, other] = isNew ? [EPOLL_CTL_ADD, EPOLL_CTL_MOD] : [EPOLL_CTL_MOD, EPOLL_CTL_ADD];
      const failed = control(likely, target, wanted);
      const isOther = failed === errno.ENOENT || failed === errno.EEXIST;
      const number = isOther ? control(other, target, wanted) : failed;
      if (number !== 0) throw new SystemError(`watch descriptor ${target}`, number);
    },
    remove: (target) => void control(EPOLL_CTL_DEL, target, 0),
    take: () => {
      const count = libc.epoll_wait(fd, bytes, mostTaken, 0);
      return Array.from({ length: Math.max(count, 0) }, (_, at) => view.getInt32(at * size + dataAt, true));
    },
  };
}
