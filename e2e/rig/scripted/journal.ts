import { closeSync, openSync, readSync } from "node:fs";

/** What a scripted program found when it started. */
export interface Facts {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Number of each open descriptor, and what it leads to: `pipe:[17]`, `/dev/null`. */
  readonly fds: Readonly<Record<string, string>>;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  /** When the kernel made the process, in milliseconds since boot; does not depend on how busy the machine is. */
  readonly startedAt: number;
  readonly umask: string;
  readonly uid: number;
  readonly gid: number;
  /** Signal sets as in /proc/PID/status, in hexadecimal. */
  readonly blockedSignals: string;
  readonly ignoredSignals: string;
}

interface Common {
  /** `web/run`, `web/finish`, `web/control/t`, `web/log/run`; a forked child's ends in `/child`. */
  readonly role: string;
  readonly pid: number;
  /** Milliseconds since boot. */
  readonly at: number;
}

export type Start = Common & Facts & { readonly event: "start" };

/** One thing that happened to a scripted program. */
export type JournalEvent =
  | Start
  | (Common & { readonly event: "signal"; readonly signal: string })
  | (Common & { readonly event: "exit"; readonly code: number })
  | (Common & { readonly event: "die"; readonly signal: string })
  | (Common & { readonly event: "note"; readonly text: string })
  | (Common & { readonly event: "end-of-input" });

/**
 * The one file to which all scripted programs of a rig append, in the order in which things happened.
 *
 * Each look reads only what has been added since the last one.
 */
export class Journal {
  readonly #path: string;
  readonly #events: JournalEvent[] = [];
  #offset = 0;
  #rest = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** All events so far, or those of one role. */
  events(role?: string): readonly JournalEvent[] {
    this.#readOn();
    return role === undefined ? [...this.#events] : this.#events.filter((event) => event.role === role);
  }

  #readOn(): void {
    const fd = openSync(this.#path, "r");
    try {
      const chunk = Buffer.alloc(65_536);
      for (;;) {
        const length = readSync(fd, chunk, 0, chunk.length, this.#offset);
        if (length === 0) break;
        this.#offset += length;
        // Latin-1 keeps every byte; a character cut by the end of the chunk is put together before decoding.
        this.#rest += chunk.toString("latin1", 0, length);
      }
    } finally {
      closeSync(fd);
    }
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines)
      this.#events.push(JSON.parse(Buffer.from(line, "latin1").toString("utf8")) as JournalEvent);
  }
}
