import { chmodSync, closeSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openControlFifo, openOkFifo } from "@upkeep/supervise/fifo/supervisor-end";
import { replaceFile } from "@upkeep/supervise/files/replace-file";
import { encodeStatus, type StatusRecord } from "@upkeep/supervise/core/status";

/** A run that has been up since second 90. */
export const up: StatusRecord = {
  since: { seconds: 90, nanoseconds: 500 },
  pid: 5,
  paused: false,
  want: "up",
  gotTerm: false,
  state: "run",
};

/** A directory for service directories, with the supervisor's end of the protocol. */
export interface Services {
  readonly root: string;
  /** Makes a service directory with a supervisor, which holds both FIFOs open. */
  supervise(name: string, record?: StatusRecord): { readonly path: string; readonly controlFd: number };
  /** Replaces the status of a service, as a supervisor does. */
  publish(name: string, record: StatusRecord): void;
  /** Writes an executable file into a service directory. */
  script(name: string, file: string, text: string, mode?: number): void;
  dispose(): void;
}

export function makeServices(): Services {
  const root = mkdtempSync(join(tmpdir(), "upkeep-sv-"));
  const open: number[] = [];
  const publish = (name: string, record: StatusRecord): void =>
    replaceFile(join(root, name, "supervise/status"), "supervise/status", encodeStatus(record));
  return {
    root,
    publish,
    supervise(name, record = up) {
      const path = join(root, name);
      mkdirSync(join(path, "supervise"), { recursive: true });
      const controlFd = openControlFifo(join(path, "supervise/control"), "supervise/control");
      open.push(controlFd, openOkFifo(join(path, "supervise/ok"), "supervise/ok"));
      publish(name, record);
      return { path, controlFd };
    },
    script(name, file, text, mode = 0o755) {
      mkdirSync(join(root, name), { recursive: true });
      writeFileSync(join(root, name, file), text);
      chmodSync(join(root, name, file), mode);
    },
    dispose() {
      for (const fd of open) closeSync(fd);
      rmSync(root, { recursive: true, force: true });
    },
  };
}
