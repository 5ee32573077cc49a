import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import type { LinesEvent, ProblemEvent } from "../../core/api.ts";
import { textOf } from "../../core/page/ansi.ts";
import {
  append,
  clear,
  emptyLog,
  filterOf,
  linesOf,
  type LogLine,
  type LogView,
  pause,
  plainText,
  resume,
} from "../../core/page/log.ts";
import type { PageService } from "../../core/page/rows.ts";
import { measurePaint } from "../paint.ts";
import { type Store, useStore } from "../store.ts";
import { readStored, store as remember } from "../theme.ts";
import type { LogTools } from "./log-tools.ts";
import { openStream, type Stream } from "./stream.ts";

/** So many lines are shown of what was there before. */
const firstLines = 500;
const againMillis = 1000;

/** Follows the log of a service for as long as a component is shown. */
export function useLog(service: PageService): LogTools {
  const store = useStore();
  const tools = useMemo(() => createLogTools(store, service), []);
  const isLive = store.connection.value.kind === "live";
  useEffect(() => {
    store.log.value = tools;
    return () => {
      store.log.value = null;
    };
  }, [store, tools]);
  useEffect(() => (isLive ? tools.open() : undefined), [isLive, tools]);
  return tools;
}

function createLogTools(store: Store, { id, snapshot }: PageService): LogTools & { open(): () => void } {
  const view = signal<LogView>(emptyLog);
  const typed = signal("");
  const wraps = signal(readStored("upkeep-wrap") !== "no");
  const hasTimes = signal(readStored("upkeep-times") !== "no");
  const follows = signal(true);
  const problem = signal<string | null>(null);
  let lastId: string | null = null;

  const shownText = (): string => {
    const filter = filterOf(typed.value);
    const lines = linesOf(view.value).filter(({ line }) => filter.places(textOf(line)) !== null);
    return plainText(lines, textOf);
  };
  return {
    view,
    typed,
    wraps,
    hasTimes,
    follows,
    problem,
    open: () =>
      followLog(id, lastId, {
        lines: (lines) => {
          problem.value = null;
          view.value = append(view.value, lines);
          measurePaint("lines", lines.length);
        },
        reset: () => {
          view.value = clear(view.value);
        },
        problem: (message) => {
          problem.value = message;
        },
        read: (place) => {
          lastId = place;
        },
      }),
    togglePause: () => {
      view.value = view.value.held === null ? pause(view.value) : resume(view.value);
    },
    toggleWrap: () => toggle(wraps, "upkeep-wrap"),
    toggleTimes: () => toggle(hasTimes, "upkeep-times"),
    clear: () => {
      view.value = clear(view.value);
    },
    copy: () => {
      const text = shownText();
      const count = text.split("\n").length - 1;
      copyText(text).then(
        () => store.say(`${count} lines were copied`),
        () => store.say("The browser does not let the page copy", true),
      );
    },
    download: () => save(`${snapshot.label}.log`, shownText()),
  };
}

function toggle(flag: Signal<boolean>, name: string): void {
  flag.value = !flag.value;
  remember(name, flag.value ? "yes" : "no");
}

interface LogListener {
  lines(lines: readonly LogLine[]): void;
  reset(): void;
  problem(message: string): void;
  /** How far the log was read. */
  read(place: string | null): void;
}

/** Reads a log, and goes on where it was after an interruption. Returns what ends it. */
function followLog(id: string, lastId: string | null, listener: LogListener): () => void {
  let stream: Stream | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: LogLine[] = [];
  let frame = 0;
  let place = lastId;

  const draw = (): void => {
    frame = 0;
    const lines = waiting;
    waiting = [];
    if (lines.length > 0) listener.lines(lines);
    listener.read(place);
  };
  const open = (): void => {
    const query = place === null ? `?lines=${firstLines}` : "";
    stream = openStream(`services/${id}/log${query}`, place, {
      event: (name, data) => {
        place = stream?.lastId() ?? place;
        if (name === "lines") {
          waiting.push(...(JSON.parse(data) as LinesEvent));
          frame ||= requestAnimationFrame(draw);
        } else if (name === "reset") {
          draw();
          listener.reset();
        } else if (name === "problem") listener.problem((JSON.parse(data) as ProblemEvent).message);
      },
      ended: (status, reason) => {
        if (status !== 200 && status !== 0) listener.problem(reason);
        timer = setTimeout(open, againMillis);
      },
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    stream?.close();
    draw();
  };
}

/** Where a page is not loaded from a safe place, browsers have no clipboard but that of a selection. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("internal error: nothing was copied");
}

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
