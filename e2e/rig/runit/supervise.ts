import { closeSync, constants, existsSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { contentOf } from "../core/files.ts";
import { isErrno } from "../process/processes.ts";

/**
 * The 20 bytes of `supervise/status`, read here a second time, independently of the suite's own codec.
 *
 * | bytes | content |
 * |---|---|
 * | 0-7 | TAI64 seconds, big-endian |
 * | 8-11 | nanoseconds, big-endian |
 * | 12-15 | pid, little-endian |
 * | 16 | paused |
 * | 17 | `u` or `d` |
 * | 18 | got TERM |
 * | 19 | 0 down, 1 run, 2 finish |
 */
export interface StatusRecord {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly pid: number;
  readonly paused: boolean;
  readonly want: "u" | "d";
  readonly gotTerm: boolean;
  readonly state: "down" | "run" | "finish";
}

const taiOffset = 0x400000000000000an;
const states = ["down", "run", "finish"] as const;

/** Milliseconds after which a `state.json` with another state comes from another supervisor than the present one. */
const foreign = 10_000;

/** One `supervise/` directory, seen from outside. */
export class SuperviseDirectory {
  readonly path: string;
  readonly #note: (text: string) => void;

  /** `note` is told of every control byte. */
  constructor(path: string, note: (text: string) => void = () => {}) {
    this.path = path;
    this.#note = note;
  }

  /** True while some supervisor reads the ok FIFO. */
  isSupervised(): boolean {
    try {
      closeSync(openSync(join(this.path, "ok"), constants.O_WRONLY | constants.O_NONBLOCK));
      return true;
    } catch (error) {
      if (isErrno(error, "ENXIO") || isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return false;
      throw error;
    }
  }

  /** Writes control bytes with one write, as sv does. Fails when nobody reads. */
  control(bytes: string): void {
    this.#note(`control ${JSON.stringify(bytes)} to ${this.path}`);
    const fd = openSync(join(this.path, "control"), constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      writeSync(fd, bytes);
    } finally {
      closeSync(fd);
    }
  }

  /** `supervise/stat` without its newline; empty when the file is not there. */
  stat(): string {
    return this.#content("stat").replace(/\n$/, "");
  }

  /** True when `stat` has exactly this text and `status` and `state.json`, which are written after it, say the same. */
  says(text: string): boolean {
    if (this.stat() !== text || !existsSync(join(this.path, "status"))) return false;
    const status = this.status();
    const { state, paused, gotTerm, want } = status;
    return (
      this.isOnRecord(status) &&
      text.startsWith(state) &&
      paused === text.includes(", paused") &&
      gotTerm === text.includes(", got TERM") &&
      // What is wanted is not told of a service that is down.
      (state === "down" || (want === "d") === text.includes(", want "))
    );
  }

  /** `supervise/pid` as a number; undefined when it is empty or not there. */
  pid(): number | undefined {
    const text = this.#content("pid");
    return text === "" ? undefined : Number(text);
  }

  statusBytes(): Buffer {
    return readFileSync(join(this.path, "status"));
  }

  /** Fails when the file is not there or has another length. */
  status(): StatusRecord {
    const bytes = this.statusBytes();
    if (bytes.length !== 20) throw new Error(`${this.path}/status has ${bytes.length} bytes`);
    const state = states[bytes.readUInt8(19)];
    const want = String.fromCharCode(bytes.readUInt8(17));
    if (state === undefined || (want !== "u" && want !== "d")) throw new Error(`status ${bytes.toString("hex")}`);
    return {
      seconds: Number(bytes.readBigUInt64BE(0) - taiOffset),
      nanoseconds: bytes.readUInt32BE(8),
      pid: bytes.readUInt32LE(12),
      paused: bytes.readUInt8(16) !== 0,
      want,
      gotTerm: bytes.readUInt8(18) !== 0,
      state,
    };
  }

  /** True when `state.json` is of the same state as `status`, or is not there, or not the supervisor's own. */
  isOnRecord(status: StatusRecord = this.status()): boolean {
    const text = this.#content("state.json");
    if (text === "" || Date.now() - statSync(join(this.path, "status")).mtimeMs > foreign) return true;
    const { state, pid, paused, gotTerm } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return isDeepStrictEqual({ ...status, state, pid: pid ?? 0, paused, gotTerm }, status);
  }

  #content(name: string): string {
    return contentOf(join(this.path, name));
  }
}
