import { createTimeText } from "@upkeep/logs/core/time-text";
import { createSystemZone } from "@upkeep/logs/find/system-zone";

import type { Canvas, Paper } from "../core/show.ts";

/** What a picture is drawn with, on this paper and with the times of the system's zone. */
export function canvasOn(paper: Paper, nowSeconds: number): Canvas {
  const time = createTimeText(createSystemZone());
  // Seconds will do for people.
  return { ...paper, nowSeconds, showTime: (micros) => time.show(micros).replace(/\.\d+$/, "") };
}
