import { constants, openSync } from "node:fs";
import { Socket } from "node:net";

/** One start of a `./run`, as the script itself tells. */
export interface Announcement {
  readonly name: string;
  readonly pid: number;
  /** On the clock of `performance.now()`. */
  readonly at: number;
}

/** Reads what run scripts write into a FIFO when they start: one line of name and pid each. */
export class Announcements implements Disposable {
  /** All so far, in the order in which they came. */
  readonly all: Announcement[] = [];
  readonly #socket: Socket;
  /** Called after each announcement: each looks for what it waits for. */
  readonly #waiting = new Set<() => void>();
  #rest = "";

  constructor(fifo: string) {
    // Reading and writing: without a writer of our own the stream would end with the first script.
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.on("data", (chunk) => this.#read(chunk.toString("latin1")));
  }

  /** Waits for the next start of this service; to be called before what causes it. */
  async next(name: string, limit: number): Promise<Announcement> {
    const seen = this.all.length;
    const find = (): Announcement | undefined => this.all.slice(seen).find((one) => one.name === name);
    return await this.#wait(find, limit, () => `${name} did not start`);
  }

  /** Waits until there have been so many starts in all, and returns the one that made up the number. */
  async reached(count: number, limit: number): Promise<Announcement> {
    return await this.#wait(
      () => this.all[count - 1],
      limit,
      () => `${this.all.length} of ${count} starts`,
    );
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  async #wait(find: () => Announcement | undefined, limit: number, missing: () => string): Promise<Announcement> {
    const { promise, resolve, reject } = Promise.withResolvers<Announcement>();
    // An open FIFO keeps the process alive; a timer that nobody waits for must not.
    const timer = setTimeout(() => reject(new Error(`${missing()} within ${limit} ms`)), limit).unref();
    const look = (): void => {
      const found = find();
      if (found !== undefined) resolve(found);
    };
    look();
    this.#waiting.add(look);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  #read(text: string): void {
    const at = performance.now();
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const [name = "", pid] = line.split(" ");
      this.all.push({ name, pid: Number(pid), at });
    }
    for (const look of this.#waiting) look();
  }
}
