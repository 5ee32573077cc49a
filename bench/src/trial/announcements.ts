import { constants, openSync } from "node:fs";
import { Socket } from "node:net";

/** One start of a `./run`, as the script itself tells. */
export interface Announcement {
  readonly name: string;
  readonly pid: number;
  /** On the clock of `performance.now()`. */
  readonly at: number;
}

interface Waiter {
  readonly find: () => Announcement | undefined;
  readonly resolve: (announcement: Announcement) => void;
  readonly reject: (error: Error) => void;
}

/** Reads what run scripts write into a FIFO when they start: one line of name and pid each. */
export class Announcements implements Disposable {
  /** All so far, in the order in which they came. */
  readonly all: Announcement[] = [];
  readonly #socket: Socket;
  readonly #waiters = new Set<Waiter>();
  #rest = "";

  constructor(fifo: string) {
    // Reading and writing: without a writer of our own the stream would end with the first script.
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on("data", (chunk) => this.#read(chunk.toString("latin1")));
  }

  /** Waits for the next start of this service; to be called before what causes it. */
  next(name: string, limit: number): Promise<Announcement> {
    const seen = this.all.length;
    const isNext = (announcement: Announcement): boolean => announcement.name === name;
    return this.#wait(
      () => this.all.slice(seen).find(isNext),
      limit,
      () => `${name} did not start`,
    );
  }

  /** Waits until there have been so many starts in all, and returns the one that made up the number. */
  reached(count: number, limit: number): Promise<Announcement> {
    return this.#wait(
      () => this.all[count - 1],
      limit,
      () => `${this.all.length} of ${count} starts`,
    );
  }

  /** Ends all waiting as well. */
  [Symbol.dispose](): void {
    this.#socket.destroy();
    for (const { reject } of this.#waiters) reject(new Error("given up"));
  }

  #wait(find: Waiter["find"], limit: number, missing: () => string): Promise<Announcement> {
    const found = find();
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        find,
        resolve: (announcement) => settle(() => resolve(announcement)),
        reject: (error) => settle(() => reject(error)),
      };
      const timer = setTimeout(() => waiter.reject(new Error(`${missing()} within ${limit} ms`)), limit);
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        finish();
      };
      this.#waiters.add(waiter);
    });
  }

  #read(text: string): void {
    const at = performance.now();
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const [name = "", pid] = line.split(" ");
      this.all.push({ name, pid: Number(pid), at });
    }
    for (const { find, resolve } of this.#waiters) {
      const found = find();
      if (found !== undefined) resolve(found);
    }
  }
}
