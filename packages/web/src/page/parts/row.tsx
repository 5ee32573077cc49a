import { duration } from "@upkeep/client/core/amounts";
import { memorySpan, processorSpan } from "@upkeep/client/core/curve";
import { stateSince } from "@upkeep/client/core/health";
import { describeInWords } from "@upkeep/client/core/in-words";
import { harmless } from "@upkeep/program/core/one-line";
import type { JSX } from "preact";

import { mainActions } from "../../core/page/actions.ts";
import { judge } from "../../core/page/judge.ts";
import { hashOf } from "../../core/page/route.ts";
import { fullName, type PageService } from "../../core/page/rows.ts";
import { lastEndWords, memoryText, percentText, restartsText } from "../../core/page/words.ts";
import { useStore } from "../store.ts";
import { Curve } from "./curve.tsx";
import { ActionButton } from "./actions.tsx";

interface RowProps {
  readonly service: PageService;
  /** Its number, from 0. */
  readonly row: number;
  readonly top: number;
  readonly isSelected: boolean;
}

/** A service in the table. */
export function Row({ service, row, top, isSelected }: RowProps): JSX.Element {
  const store = useStore();
  const { snapshot, id, use, percents, bytes, ends } = service;
  const nowSeconds = store.now.value / 1000;
  const { word, mood } = judge(snapshot, nowSeconds);
  const { state } = snapshot;
  const since = "record" in state ? stateSince(state.record, state.details) : null;
  const note =
    mood === "bad" || mood === "busy"
      ? describeInWords(snapshot, ends, nowSeconds)
      : lastEndWords(snapshot, nowSeconds);
  return (
    <div
      class={`row ${mood}${isSelected ? " selected" : ""}`}
      role="row"
      aria-rowindex={row + 2}
      aria-selected={isSelected}
      style={{ transform: `translateY(${top}px)` }}
      onClick={({ target }) => {
        store.selected.value = id;
        if (!(target instanceof Element && target.closest("a, button"))) store.open({ kind: "service", id });
      }}
    >
      <div class="cell name" role="gridcell">
        <i class="dot" />
        <a href={hashOf({ kind: "service", id })} tabIndex={-1} title={harmless(fullName(service))}>
          {harmless(snapshot.label)}
        </a>
        {service.place !== null && (
          <span class="directory" title={service.directory}>
            {harmless(service.place)}
          </span>
        )}
      </div>
      <div class="cell state" role="gridcell">
        {word}
      </div>
      <div class="cell number" role="gridcell">
        {since === null ? "–" : duration(nowSeconds - since)}
      </div>
      <div class="cell number restarts" role="gridcell">
        {restartsText(snapshot)}
      </div>
      <div class="cell usage cpu" role="gridcell">
        <span>{percentText(use)}</span>
        <Curve values={percents} span={processorSpan(percents)} kind="cpu" />
      </div>
      <div class="cell usage memory" role="gridcell">
        <span>{memoryText(use)}</span>
        <Curve values={bytes} span={memorySpan(bytes)} kind="memory" />
      </div>
      <div class="cell last" role="gridcell" title={note}>
        <span class="note">{note}</span>
        {store.mayControl.value && (
          <span class="hands">
            {Object.values(mainActions).map((action) => (
              <ActionButton key={action.word} service={service} action={action} isSmall />
            ))}
          </span>
        )}
      </div>
    </div>
  );
}
