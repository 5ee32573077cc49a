import type { ServiceOutput } from "../../src/engine/output.ts";

/** A service's output that leads to our own descriptors, and the calls that it got. */
export function fakeOutput(): { readonly output: ServiceOutput; readonly calls: string[] } {
  const calls: string[] = [];
  const output: ServiceOutput = {
    prepare: () => {
      calls.push("prepare");
      return [0, 11, 12];
    },
    lastWords: () => null,
    resume: () => void calls.push("resume"),
    stdio: () => [0, 21, 22],
    processEnded: () => void calls.push("process ended"),
    abandon: () => {},
    unwritten: () => ({ output: null, errors: null }),
    close: async () => {},
  };
  return { output, calls };
}
