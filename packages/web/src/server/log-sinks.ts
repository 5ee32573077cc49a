import { harmlessJson } from "@upkeep/program/core/one-line";

import { beatMillis, type LogLineJson } from "../core/api.ts";
import { idOfMark } from "../core/log-query.ts";
import { encodeEvent } from "../core/sse.ts";
import type { LogSink } from "./log-lines.ts";
import type { Stream } from "./stream.ts";

/** Notes when something was sent last. A connection to somebody who has gone breaks only when something is sent. */
function createQuiet(): { isLong(): boolean; send(stream: Stream, text: string): void } {
  let sentAt = performance.now();
  return {
    isLong: () => performance.now() - sentAt > beatMillis - 500,
    send: (stream, text) => {
      stream.send(text);
      sentAt = performance.now();
    },
  };
}

/** Sends lines as server-sent events. */
export function eventSink(stream: Stream): LogSink {
  let lines: LogLineJson[] = [];
  const quiet = createQuiet();
  const send = (text: string): void => quiet.send(stream, text);
  return {
    take: (line) => void lines.push(line),
    flush: async (mark) => {
      if (lines.length > 0) send(encodeEvent("lines", lines, mark === null ? "" : idOfMark(mark)));
      lines = [];
      return await stream.ready();
    },
    reset: () => send(encodeEvent("reset", {}, null)),
    problem: (message) => send(encodeEvent("problem", { message }, null)),
    beat: () => {
      if (quiet.isLong()) send(encodeEvent("beat", { time: new Date().toISOString() }, null));
    },
    get isClosed() {
      return stream.isClosed;
    },
  };
}

/** Sends an object on each line, or the text of each line alone. */
export function textSink(stream: Stream, format: "ndjson" | "text"): LogSink {
  let text = "";
  const quiet = createQuiet();
  return {
    take: (line) => {
      text +=
        format === "text"
          ? `${line.line}${line.cut === true ? "..." : ""}\n`
          : `${harmlessJson(JSON.stringify(line))}\n`;
    },
    flush: async () => {
      if (text !== "") quiet.send(stream, text);
      text = "";
      return await stream.ready();
    },
    reset: () => {},
    // There is no place for it among the lines: an empty answer says enough.
    problem: () => {},
    // Whoever reads JSON skips an empty line. In plain text it would be one of the log.
    beat: () => {
      if (format === "ndjson" && quiet.isLong()) quiet.send(stream, "\n");
    },
    get isClosed() {
      return stream.isClosed;
    },
  };
}
