import type { RecordedEnd } from "@upkeep/supervise/core/history";
import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { PageService } from "../../core/page/rows.ts";
import {
  extentOf,
  lengths,
  type Mark,
  placeOf,
  type Stretch,
  ticksOf,
  timelineOf,
  usualLength,
} from "../../core/page/timeline.ts";
import { endWords, ranWords } from "../../core/page/words.ts";
import { useStore } from "../store.ts";
import { clockTime, tickTime, wholeTime, zoneMinutes } from "../times.ts";
import { Card } from "./card.tsx";

/** The picture's own units: it is stretched to whatever room there is. */
const width = 1000;
const mostTicks = 6;

const kinds = { unready: "not ready yet", up: "up", finish: "./finish", down: "down" } as const;
const marks = { start: "start", ready: "ready", end: "end", failure: "failure" } as const;

/** When a service was up, ready and down, and how it ended. */
export function Timeline({
  service,
  ends,
}: {
  readonly service: PageService;
  readonly ends: readonly RecordedEnd[];
}): JSX.Element {
  const { now } = useStore();
  const [chosen, choose] = useState<number | null | "usual">("usual");
  const at = now.value;
  const life = timelineOf(service.snapshot, ends, at);
  const length = chosen === "usual" ? usualLength(life, at) : chosen;
  const extent = extentOf(life, at, length);
  const place = (moment: number): number => placeOf(moment, extent) * width;
  const shown = life.stretches.filter(({ to }) => to >= extent.from);
  const { at: ticks, stepSeconds } = ticksOf(extent, mostTicks, zoneMinutes(at));
  const failures = life.marks.filter(({ kind, at: moment }) => kind === "failure" && moment >= extent.from).length;
  const starts = life.marks.filter(({ kind, at: moment }) => kind === "start" && moment >= extent.from).length;
  const summary = `${count(starts, "start")}, ${count(failures, "failure")}`;
  return (
    <Card title="Timeline" kind="timeline" note={summary} tools={<Lengths chosen={length} choose={choose} />}>
      <div class="picture" role="img" aria-label={`${summary} in the time that is shown`}>
        <svg viewBox={`0 0 ${width} 40`} preserveAspectRatio="none" aria-hidden="true">
          {shown.map((one) => (
            <rect
              key={`${one.from} ${one.kind}`}
              class={`stretch ${one.kind}`}
              x={place(one.from)}
              width={Math.max(one.kind === "down" ? 0 : 1.5, place(one.to) - place(one.from))}
              y={one.kind === "down" ? 19 : 10}
              height={one.kind === "down" ? 2 : 20}
            >
              <title>{tellStretch(one)}</title>
            </rect>
          ))}
        </svg>
        {life.marks
          .filter(({ at: moment }) => moment >= extent.from)
          .map((mark) => (
            <i
              key={`${mark.kind} ${mark.at}`}
              class={`mark ${mark.kind}`}
              style={{ left: `${placeOf(mark.at, extent) * 100}%` }}
              title={tellMark(mark)}
            />
          ))}
      </div>
      <div class="scale" aria-hidden="true">
        {ticks
          .filter((tick) => isInside(placeOf(tick, extent)))
          .map((tick) => (
            <span key={tick} style={{ left: `${placeOf(tick, extent) * 100}%` }}>
              {tickTime(tick, stepSeconds)}
            </span>
          ))}
      </div>
    </Card>
  );
}

/** At the edges there is no room for the words of a mark. */
function isInside(place: number): boolean {
  return place > 0.03 && place < 0.97;
}

function Lengths({
  chosen,
  choose,
}: {
  readonly chosen: number | null;
  readonly choose: (millis: number | null) => void;
}): JSX.Element {
  return (
    <div class="segments" role="group" aria-label="Time that is shown">
      {lengths.map(({ name, millis }) => (
        <button key={name} type="button" aria-pressed={chosen === millis} onClick={() => choose(millis)}>
          {name}
        </button>
      ))}
    </div>
  );
}

function count(number: number, word: string): string {
  return number === 1 ? `1 ${word}` : `${number} ${word}s`;
}

function tellStretch({ kind, from, to, end }: Stretch): string {
  const how = end === null ? "" : `, then ${endWords(end)}`;
  return `${kinds[kind]} for ${ranWords(Math.round(to - from))} from ${clockTime(from)}${how}`;
}

function tellMark({ kind, at }: Mark): string {
  return `${marks[kind]}: ${wholeTime(at)}`;
}
