import { createTimeText } from "@upkeep/logs/core/time-text";
import { createSystemZone } from "@upkeep/logs/find/system-zone";
import { harmless, harmlessJson } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";
import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { columnsOf } from "@upkeep/linux/fd/terminal-size";

import { renderJson } from "../core/json.ts";
import { describePicture } from "../core/picture.ts";
import { type Canvas, renderPicture } from "../core/show.ts";
import type { Service } from "../service/client.ts";
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

/** Colours of ANSI. */
const colours = { good: 32, bad: 31, plain: 33 } as const;

function canvasNow(nowSeconds: number): Canvas {
  const toTerminal = isTerminal(1);
  const isColoured = toTerminal && (process.env["NO_COLOR"] ?? "") === "";
  const columns = toTerminal ? columnsOf(1) : Infinity;
  const time = createTimeText(createSystemZone());
  return {
    nowSeconds,
    // Seconds will do for people.
    showTime: (micros) => time.show(micros).replace(/\.\d+$/, ""),
    fit: (text) => cut(harmless(text), columns),
    paint: (text, mood) => (isColoured ? `\x1b[${colours[mood]}m${text}\x1b[0m` : text),
  };
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
