import { Buffer } from "node:buffer";

import { isoMicros, type TimeText } from "@upkeep/logs/core/time-text";
import { harmless, harmlessJson } from "@upkeep/program/core/one-line";

/** Where a line stands: its bytes, where its text begins behind the stamp, and when it was written (NaN: unknown). */
export interface LogLine {
  readonly bytes: Buffer;
  readonly text: number;
  readonly to: number;
  readonly micros: number;
  /** Whether it is only a part of a line that is too long. */
  readonly isCut: boolean;
}

/** What takes the bytes of lines. */
export interface LineSink {
  putText(text: string): void;
  putBytes(bytes: Buffer, from: number, to: number): void;
}

/** How lines are shown. */
export interface LineStyle {
  readonly isJson: boolean;
  /** Whether they go to a terminal, which would obey what is in them. */
  readonly isTerminal: boolean;
  readonly isColoured: boolean;
  readonly time: TimeText;
  /** How wide names are; 0: they are not shown. */
  readonly nameWidth: number;
}

const [newline, zero] = [10, 48] as const;
/** What stands behind a part of a line that goes on in the next one. */
const cutMark = "...";

/** Colours of ANSI that are neither black nor white, nor that of an error. */
const colours = [36, 33, 32, 35, 34] as const;

/**
 * Makes the writer of the lines of one service: a name, if there are several, the time, and the text. To a terminal, control
 * characters go as `\x1b`; tabs and changes of colour stay. To others, the bytes go as they are.
 *
 * @param index of the service among those that are shown.
 */
export function createLineWriter(
  name: string,
  index: number,
  { isJson, isTerminal, isColoured, time, nameWidth }: LineStyle,
  sink: LineSink,
): (line: LogLine) => void {
  if (isJson) return (line) => sink.putText(describeLine(name, line));
  const padded = nameWidth === 0 ? "" : `${harmless(name)}${" ".repeat(Math.max(0, nameWidth - name.length))} `;
  const prefix = isColoured && padded !== "" ? `\x1b[${colours[index % colours.length] ?? 0}m${padded}\x1b[0m` : padded;
  const head = createHead(prefix, isColoured, time);
  return ({ bytes, text, to, micros, isCut }) => {
    const end = isCut ? `${cutMark}\n` : "\n";
    if (Number.isNaN(micros)) sink.putText(prefix);
    else {
      const shown = head(micros);
      sink.putBytes(shown, 0, shown.length);
    }
    if (isTerminal) sink.putText(`${forTerminal(bytes.toString("utf8", text, to), isColoured)}${end}`);
    else if (!isCut && bytes[to] === newline) sink.putBytes(bytes, text, to + 1);
    else {
      sink.putBytes(bytes, text, to);
      sink.putText(end);
    }
  };
}

/** What stands before the text of a line. Most lines are of the same second as the one before: then only three digits change. */
function createHead(prefix: string, isColoured: boolean, time: TimeText): (micros: number) => Buffer {
  let second = Number.NaN;
  let head = Buffer.alloc(0);
  let digits = 0;
  return (micros) => {
    const current = Math.floor(micros / 1e6);
    if (current !== second) {
      second = current;
      const shown = time.show(current * 1e6);
      head = Buffer.from(isColoured ? `${prefix}\x1b[2m${shown}\x1b[0m ` : `${prefix}${shown} `);
      digits = head.lastIndexOf(".") + 1;
    }
    const millis = Math.floor((micros - current * 1e6) / 1000);
    head[digits] = zero + Math.floor(millis / 100);
    head[digits + 1] = zero + (Math.floor(millis / 10) % 10);
    head[digits + 2] = zero + (millis % 10);
    return head;
  };
}

/** A line as an object of the published schema. */
function describeLine(service: string, { bytes, text, to, micros, isCut }: LogLine): string {
  const time = Number.isNaN(micros) ? null : isoMicros(micros);
  return `${harmlessJson(JSON.stringify({ service, time, line: bytes.toString("utf8", text, to), ...(isCut ? { cut: true } : {}) }))}\n`;
}

// oxlint-disable-next-line no-control-regex -- escape sequences are what it looks for
const colourChange = /(\x1b\[[0-9;]*m|\t)/;

/** Text of a stranger, so that a terminal shows it and obeys none of it but colours. */
export function forTerminal(text: string, keepsColours: boolean): string {
  const parts = text.split(colourChange);
  const shown = parts.map((part, at) => {
    if (at % 2 === 0) return harmless(part);
    return part === "\t" || keepsColours ? part : "";
  });
  return keepsColours && parts.some((part, at) => at % 2 === 1 && part !== "\t")
    ? `${shown.join("")}\x1b[0m`
    : shown.join("");
}
