import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { renderStamp, type StampStyle } from "../core/stamp.ts";

/** Makes what comes before a line that began at that time: stamp and prefix. */
export type Head = (time: WallTime) => Buffer;

/** A head is made once for all lines that came together. The caller must not change it. */
export function createHead(stamp: StampStyle, prefix: Uint8Array): Head {
  let head = Buffer.from(prefix);
  let headTime: WallTime | null = null;
  return (time) => {
    if (stamp === 0 || time === headTime) return head;
    headTime = time;
    head = Buffer.concat([Buffer.from(renderStamp(stamp, time), "latin1"), prefix]);
    return head;
  };
}
