import { renderJson } from "@upkeep/client/core/json";
import { describePicture } from "@upkeep/client/core/picture";
import { takePicture } from "@upkeep/client/look/picture";
import type { Service } from "@upkeep/client/service/client";
import { harmlessJson } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";

import { renderPicture } from "../core/show.ts";
import { canvasOn } from "./canvas.ts";
import { paperNow } from "./paper.ts";
import { looking } from "./console.ts";

/**
 * `sv show`: all that is known of services.
 *
 * @returns the exit code: how many of them nothing can be said about.
 */
export async function runShow(services: readonly Service[], isJson: boolean): Promise<number> {
  const pictures = [];
  for (const service of services) pictures.push(await takePicture(service, looking));
  const nowSeconds = Math.floor(Date.now() / 1000);
  if (isJson) {
    writeText(1, `${harmlessJson(renderJson(pictures.map((picture) => describePicture(picture, nowSeconds))))}\n`);
  } else {
    const canvas = canvasOn(paperNow(), nowSeconds);
    const texts = pictures.map((picture) => `${renderPicture(picture, canvas).join("\n")}\n`);
    writeText(1, texts.join("\n"));
  }
  return pictures.filter(({ snapshot: { state } }) => !("record" in state)).length;
}
