/* The supervisor's side of a supervise directory, played by the test: for states that no real one can be brought to. */
import { Buffer } from "node:buffer";
import { closeSync, constants, mkdirSync, openSync, readSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { isErrno } from "../process/processes.ts";

/** What the status says; `at` in seconds since 1970. */
export interface Said {
  readonly state: "down" | "run" | "finish";
  readonly at: number;
  readonly pid?: number;
  readonly want?: "up" | "down";
  /** Further fields of `state.json`; without them that file is not written. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** This second, for states that must not look old. */
export const now = (): number => Math.floor(Date.now() / 1000);

const taiOffset = 0x400000000000000an;
const states = ["down", "run", "finish"];
const { O_NONBLOCK, O_RDWR } = constants;

/** Supervises the service in a directory until it is disposed of. */
export class ScriptedSupervisor implements Disposable {
  readonly path: string;
  readonly #control: number;
  readonly #ok: number;

  constructor(service: string, said: Said) {
    this.path = join(service, "supervise");
    mkdirSync(this.path, { recursive: true });
    execaSync("mkfifo", [join(this.path, "control"), join(this.path, "ok")]);
    this.#control = openSync(join(this.path, "control"), O_RDWR | O_NONBLOCK);
    this.say(said);
    this.#ok = openSync(join(this.path, "ok"), O_RDWR | O_NONBLOCK);
  }

  /** Publishes a state, in the order of runsv. */
  say({ state, at, pid = 0, want = "up", more }: Said): void {
    const bytes = Buffer.alloc(20);
    bytes.writeBigUInt64BE(BigInt(Math.floor(at)) + taiOffset);
    bytes.writeUInt32BE(500, 8);
    bytes.writeUInt32LE(pid, 12);
    bytes[17] = (want === "up" ? "u" : "d").charCodeAt(0);
    bytes[19] = states.indexOf(state);
    this.#replace("status", bytes);
    if (more === undefined) return;
    const since = `${new Date(Math.floor(at) * 1000).toISOString().slice(0, 19)}.000000Z`;
    const found = { version: 1, state, since, want, pid: pid === 0 ? null : pid, ...more };
    this.#replace("state.json", Buffer.from(`${JSON.stringify(found)}\n`));
  }

  /** The commands that have come since the last call. */
  commands(): string {
    const bytes = Buffer.alloc(100);
    try {
      return bytes.toString("latin1", 0, readSync(this.#control, bytes));
    } catch (error) {
      if (isErrno(error, "EAGAIN")) return "";
      throw error;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#control);
    closeSync(this.#ok);
  }

  #replace(name: string, bytes: Buffer): void {
    writeFileSync(join(this.path, `${name}.new`), bytes);
    renameSync(join(this.path, `${name}.new`), join(this.path, name));
  }
}
