import { harmlessJson } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";

import { renderJson } from "../core/json.ts";
import { describePicture } from "../core/picture.ts";
import { renderPicture } from "../core/show.ts";
import type { Service } from "../service/client.ts";
import { canvasOn } from "./canvas.ts";
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
    const canvas = canvasOn(paperNow(), nowSeconds);
    const texts = pictures.map((picture) => `${renderPicture(picture, canvas).join("\n")}\n`);
    writeText(1, texts.join("\n"));
  }
  return pictures.filter(({ snapshot: { state } }) => !("record" in state)).length;
}
