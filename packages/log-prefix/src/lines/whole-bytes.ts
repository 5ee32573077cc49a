import type { LineAssembler } from "./line-assembler.ts";

/** Hands bytes on as they come: nothing is put in front of them, and no line waits for its end. */
export function createWholeBytes(chunk: number): LineAssembler {
  const input = Buffer.allocUnsafe(chunk);
  const nothing = input.subarray(0, 0);
  return {
    space: () => input,
    received: (count) => input.subarray(0, count),
    flush: () => nothing,
    isMidLine: () => false,
    unfinished: () => nothing,
    setPrefix: () => {},
  };
}
