import { harmless } from "@upkeep/program/core/one-line";
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { markPieces, piecesOf, textOf } from "../../core/page/ansi.ts";
import { type Filter, filterOf, hitCounter, type LogBlock, type LogLine } from "../../core/page/log.ts";
import type { PageService } from "../../core/page/rows.ts";
import { addressOf } from "../net/api.ts";
import { useLog } from "../net/log.ts";
import type { LogTools } from "../net/log-tools.ts";
import { lineTime } from "../times.ts";
import { Card } from "./card.tsx";
import { Icon, type IconName } from "./icons.tsx";

/** The log of a service, as it comes. */
export function Log({ service }: { readonly service: PageService }): JSX.Element {
  const log = useLog(service);
  const { view, typed, wraps, hasTimes, problem, follows } = log;
  const filter = useMemo(() => filterOf(typed.value), [typed.value]);
  const countHits = useMemo(() => hitCounter(filter, textOf), [filter]);
  const { blocks, held, count } = view.value;
  const isFiltered = typed.value !== "" && filter.problem === null;
  const hits = isFiltered ? countHits(blocks) : count;
  const came = isFiltered ? `${hits.toLocaleString()} of ${linesIn(count)}` : linesIn(count);
  const state = held === null ? came : `paused, ${held.length.toLocaleString()} more have come`;
  // Where there are no lines, the box says why.
  const note = problem.value === null ? state : blocks.length === 0 ? "none" : problem.value;
  return (
    <Card title="Log" kind="log" note={note} tools={<Tools log={log} service={service} problem={filter.problem} />}>
      {filter.problem !== null && (
        <p class="wrong-filter" role="status">
          All lines are shown: {harmless(filter.problem)}
        </p>
      )}
      <Lines
        blocks={blocks}
        filter={filter}
        className={`lines${wraps.value ? " wraps" : ""}${hasTimes.value ? "" : " no-times"}`}
        follows={follows}
        name={service.snapshot.label}
        empty={blocks.length === 0 ? <NoLines problem={problem.value} /> : hits === 0 ? <NoHits log={log} /> : null}
      />
    </Card>
  );
}

function linesIn(count: number): string {
  return count === 1 ? "1 line" : `${count.toLocaleString()} lines`;
}

function NoHits({ log: { typed } }: { readonly log: LogTools }): JSX.Element {
  return (
    <p class="nothing">
      No line has {harmless(typed.value)}.{" "}
      <button type="button" onClick={() => (typed.value = "")}>
        Show all
      </button>
    </p>
  );
}

/** Why there may be nothing to see, though a service writes something. */
function NoLines({ problem }: { readonly problem: string | null }): JSX.Element {
  return (
    <p class="nothing">
      {problem === null ? "No lines yet." : harmless(problem)}
      <small>
        Here is what the log service writes to its directory. Standard error of a service that runs is part of that only
        where run has {"exec 2>&1"}; of a start that failed, flag-keep-stderr keeps the last lines. Lines behind a
        log-prefix go to the output of runsvdir instead.
      </small>
    </p>
  );
}

function Tools({
  log,
  service,
  problem,
}: {
  readonly log: LogTools;
  readonly service: PageService;
  readonly problem: string | null;
}): JSX.Element {
  const { typed, wraps, hasTimes, view } = log;
  const isPaused = view.value.held !== null;
  return (
    <div class="log-tools">
      <label
        class={problem === null ? "search" : "search wrong"}
        title={problem ?? "A text, or /a regular expression/"}
      >
        <Icon name="search" />
        <span class="unseen">Only lines with</span>
        <input
          type="search"
          placeholder="Filter, or /regex/"
          spellcheck={false}
          autocomplete="off"
          value={typed.value}
          aria-invalid={problem !== null}
          onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
        />
      </label>
      <Tool
        icon={isPaused ? "follow" : "pause"}
        words={isPaused ? "Follow" : "Pause"}
        hint="p"
        isOn={isPaused}
        act={log.togglePause}
      />
      <Tool icon="wrap" words="Wrap long lines" hint="w" isOn={wraps.value} act={log.toggleWrap} />
      <Tool icon="clock" words="Show times" hint="" isOn={hasTimes.value} act={log.toggleTimes} />
      <Tool icon="copy" words="Copy what is shown" hint="y" act={log.copy} />
      <Tool icon="download" words="Download what is shown" hint="D" act={log.download} />
      <Tool icon="clear" words="Forget the lines so far" hint="c" act={log.clear} />
      <a
        class="quiet"
        href={`${addressOf(`services/${service.id}/log`)}?format=text`}
        download
        title="The whole log as a file"
      >
        all
      </a>
    </div>
  );
}

function Tool({
  icon,
  words,
  hint,
  isOn,
  act,
}: {
  readonly icon: IconName;
  readonly words: string;
  readonly hint: string;
  readonly isOn?: boolean;
  readonly act: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="quiet"
      aria-label={words}
      aria-pressed={isOn}
      title={hint === "" ? words : `${words} (${hint})`}
      onClick={act}
    >
      <Icon name={icon} />
    </button>
  );
}

/** So near to its end, in pixels, a box counts as scrolled to the end. */
const near = 24;

function Lines({
  blocks,
  filter,
  className,
  follows,
  name,
  empty,
}: {
  readonly blocks: readonly LogBlock[];
  readonly filter: Filter;
  readonly className: string;
  readonly follows: Signal<boolean>;
  readonly name: string;
  /** Stands where lines would; null: there are some. */
  readonly empty: JSX.Element | null;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null && follows.peek()) element.scrollTop = element.scrollHeight;
  });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    let last = element.scrollTop;
    const look = (): void => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      // Lines that come, and blocks that get their height, leave the box where it is: only somebody who scrolls moves it up.
      if (scrollHeight - scrollTop - clientHeight < near) follows.value = true;
      else if (scrollTop < last) follows.value = false;
      last = scrollTop;
    };
    const stick = new ResizeObserver(() => {
      if (follows.peek()) element.scrollTop = element.scrollHeight;
    });
    stick.observe(element);
    if (element.lastElementChild !== null) stick.observe(element.lastElementChild);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      stick.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  return (
    <div class="log-box">
      <div class={className} ref={box} tabIndex={0} role="log" aria-live="off" aria-label={`Log of ${harmless(name)}`}>
        {empty}
        <div class="all">
          {blocks.map((block) => (
            <Block key={block.first} block={block} filter={filter} />
          ))}
        </div>
      </div>
      {!follows.value && (
        <button
          type="button"
          class="to-end"
          onClick={() => {
            follows.value = true;
            if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
          }}
        >
          <Icon name="follow" /> To the end
        </button>
      )}
    </div>
  );
}

function Block({ block, filter }: { readonly block: LogBlock; readonly filter: Filter }): JSX.Element {
  // What is the same is not drawn again, as long as lines and filter are.
  return useMemo(
    () => (
      <div class={block.lines.length === 100 ? "block full" : "block"}>
        {block.lines.map((line, index) => (
          <Line key={block.first + index} line={line} filter={filter} />
        ))}
      </div>
    ),
    [block, filter],
  );
}

function Line({ line, filter }: { readonly line: LogLine; readonly filter: Filter }): JSX.Element | null {
  const places = filter.places(textOf(line.line));
  if (places === null) return null;
  const time = line.time === null ? null : lineTime(line.time);
  return (
    <div class={`line ${line.stream}${line.cut === true ? " cut" : ""}`}>
      {time !== null && <time title={time.full}>{time.short}</time>}
      <span class="text">
        {markPieces(piecesOf(line.line), places).map(({ text, classes }, index) =>
          classes.length === 0 ? (
            text
          ) : (
            <span key={index} class={classes.join(" ")}>
              {text}
            </span>
          ),
        )}
      </span>
    </div>
  );
}
