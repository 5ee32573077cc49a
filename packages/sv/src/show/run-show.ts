import { createTimeText } from "@upkeep/logs/core/time-text";
import { createSystemZone } from "@upkeep/logs/find/system-zone";
import { harmlessJson } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";

import { renderJson } from "../core/json.ts";
import { describePicture } from "../core/picture.ts";
import { type Canvas, renderPicture } from "../core/show.ts";
import type { Service } from "../service/client.ts";
import { paperNow } from "./paper.ts";
import { takePicture } from "./picture.ts";

/**
 * `sv show`: all that is known of services.
 *
 * @returns the exit code: how many of them nothing can be said about.
 */
export async function runShow(services: readonly Service[], isJson: boolean): Promise<number> {
  const pictures = [];
  for (const service of services) pictures.push(await takePicture(service));
  const nowSeconds = Math.floor(Date.now() / 1000);
  if (isJson) {
    writeText(1, `${harmlessJson(renderJson(pictures.map((picture) => describePicture(picture, nowSeconds))))}\n`);
  } else {
    const canvas = canvasNow(nowSeconds);
    const texts = pictures.map((picture) => `${renderPicture(picture, canvas).join("\n")}\n`);
    writeText(1, texts.join("\n"));
  }
  return pictures.filter(({ snapshot: { state } }) => !("record" in state)).length;
}

function canvasNow(nowSeconds: number): Canvas {
  const time = createTimeText(createSystemZone());
  // Seconds will do for people.
  return { ...paperNow(), nowSeconds, showTime: (micros) => time.show(micros).replace(/\.\d+$/, "") };
}
