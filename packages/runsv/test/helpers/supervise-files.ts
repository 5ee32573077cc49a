import type { StatusFiles } from "../../src/core/status.ts";
import type { SuperviseFiles } from "../../src/engine/supervise-files.ts";

/** Files of an imagined `supervise` directory, which fail as a test wants. */
export interface FakeFiles {
  readonly files: SuperviseFiles;
  /** What each publication throws; null: it succeeds. */
  failure: Error | null;
  /** What was published, oldest first. */
  readonly written: StatusFiles[];
  /** How often dependants were woken. */
  wakes: number;
}

/** Stands for files that were not written. */
export const nothing: StatusFiles = { pid: "", stat: "", status: new Uint8Array(), "state.json": "" };

export function fakeFiles(): FakeFiles {
  const written: StatusFiles[] = [];
  const fake: Omit<FakeFiles, "files"> = { failure: null, written, wakes: 0 };
  const files: SuperviseFiles = {
    ...unused(),
    publish: (content) => {
      if (fake.failure !== null) throw fake.failure;
      written.push({ ...nothing, ...content });
    },
    wakeWaiters: () => void fake.wakes++,
  };
  return Object.assign(fake, { files });
}

function unused(): SuperviseFiles {
  const fail = (): never => {
    throw new Error("this is not what is tested");
  };
  return {
    at: fail,
    replace: fail,
    read: fail,
    recall: fail,
    openLock: fail,
    openControl: fail,
    takeCommands: fail,
    openOk: fail,
    publish: fail,
    wakeWaiters: fail,
    close: fail,
  };
}
