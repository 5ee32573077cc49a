import { spawn, type ChildProcess } from "node:child_process";

import { processInfo } from "@upkeep/linux/process/process-info";

/** A real process that the runtime of the test reaps. */
export interface Child {
  readonly pid: number;
  /** What it has written to its standard output. */
  text(): string;
  hasEnded(): boolean;
}

/** Starts real processes, which `end` kills with their sessions. */
export function startChildren(): {
  /** Runs a shell script that leads a session, in a directory; `stdio` are its first three descriptors. */
  readonly start: (script: string, directory?: string, stdio?: readonly (number | "ignore" | "pipe")[]) => Child;
  readonly end: () => void;
} {
  const started: ChildProcess[] = [];
  return {
    start: (script, directory = "/", stdio = ["ignore", "pipe", "ignore"]) => {
      const child = spawn("/bin/sh", ["-c", script], { detached: true, cwd: directory, stdio: [...stdio] });
      const { pid } = child;
      if (pid === undefined) throw new Error("unable to start a shell");
      let text = "";
      child.stdout?.on("data", (data: Buffer) => (text += data.toString()));
      started.push(child);
      return { pid, text: () => text, hasEnded: () => hasEnded(pid) };
    },
    end: () => {
      for (const { pid } of started) {
        try {
          if (pid !== undefined) process.kill(-pid, "SIGKILL");
        } catch {
          // It has ended already.
        }
      }
    },
  };
}

/** Whether a process is gone, or only awaits its reaper. */
export function hasEnded(pid: number): boolean {
  const info = processInfo(pid);
  return info === null || info.state === "Z";
}
