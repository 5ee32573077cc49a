import type { SortKey } from "@upkeep/client/core/order";
import type { JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { keptRow, sortedBy } from "../../core/page/rows.ts";
import { rowsInView, scrolledTo } from "../../core/page/virtual.ts";
import { narrowQuery, rowHeightOf } from "../row-height.ts";
import { useStore } from "../store.ts";
import { Row } from "./row.tsx";
import { Tools } from "./tools.tsx";

interface Column {
  readonly title: string;
  readonly sort: SortKey | null;
  readonly kind: string;
}

const columns: readonly Column[] = [
  { title: "Service", sort: "service", kind: "name" },
  { title: "State", sort: "state", kind: "state" },
  { title: "For", sort: "up", kind: "number" },
  { title: "Restarts", sort: "restarts", kind: "number" },
  { title: "CPU", sort: "cpu", kind: "usage" },
  { title: "Memory", sort: "memory", kind: "usage" },
  { title: "Last end", sort: "exit", kind: "last" },
];

/** More rows than this are never drawn. */
const mostRows = 256;

/** All services. */
export function Overview(): JSX.Element {
  const { model, rows } = useStore();
  return (
    <main class="overview">
      <h1 class="unseen">Services</h1>
      <Tools />
      {model.value.directories
        .filter(({ error }) => error !== null)
        .map(({ path, error }) => (
          <p key={path} class="trouble">
            {error?.includes(path) === true ? error : `${path}: ${error ?? ""}`}
          </p>
        ))}
      <div class="table-place">
        <Table />
        {rows.value.length === 0 && <Nothing />}
      </div>
    </main>
  );
}

/** How a box that scrolls stands. */
function useViewport(box: RefObject<HTMLDivElement | null>): { readonly top: number; readonly height: number } {
  const [view, setView] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const look = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [box]);
  return view;
}

function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(narrowQuery).matches);
  useEffect(() => {
    const query = matchMedia(narrowQuery);
    const look = (): void => setNarrow(query.matches);
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, []);
  return isNarrow;
}

function Table(): JSX.Element {
  const store = useStore();
  const { rows, selected, model } = store;
  const box = useRef<HTMLDivElement>(null);
  const lastRow = useRef(0);
  const view = useViewport(box);
  const rowHeight = rowHeightOf(useNarrow());
  const all = rows.value;
  const at = keptRow(all, selected.value, lastRow.current);
  lastRow.current = at;
  const { first, end } = rowsInView({ count: all.length, rowHeight, ...view });
  const hasDirectories = model.value.directories.length > 1;

  useEffect(() => {
    const element = box.current;
    if (element === null || selected.value === null) return;
    const wanted = scrolledTo(at, {
      count: all.length,
      rowHeight,
      top: element.scrollTop,
      height: element.clientHeight,
    });
    if (wanted !== element.scrollTop) element.scrollTop = wanted;
    // The rows move under a selection that stays: only a new selection scrolls.
  }, [selected.value]);

  return (
    <div
      class={hasDirectories ? "table labelled" : "table"}
      role="grid"
      aria-label="Services"
      aria-rowcount={all.length + 1}
    >
      <div class="head" role="row" aria-rowindex={1}>
        {columns.map(({ title, sort, kind }) => (
          <Head key={title} title={title} sort={sort} kind={kind} />
        ))}
      </div>
      <div class="body" role="rowgroup" ref={box} tabIndex={0} aria-label="Services, with j and k from one to the next">
        <div class="length" role="presentation" style={{ height: `${all.length * rowHeight}px` }}>
          {all.slice(first, end).map((service, index) => (
            <Row
              // By its place: then a new order changes texts, and moves nothing.
              key={(first + index) % mostRows}
              service={service}
              row={first + index}
              top={(first + index) * rowHeight}
              isSelected={selected.value !== null && first + index === at}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function Head({ title, sort, kind }: Column): JSX.Element {
  const { choice } = useStore();
  const { key, isReversed } = choice.value.sort;
  const isSorted = sort === key;
  const order = isReversed ? "descending" : "ascending";
  return (
    <div class={`cell ${kind}`} role="columnheader" aria-sort={isSorted ? order : "none"}>
      {sort === null ? (
        title
      ) : (
        <button type="button" onClick={() => (choice.value = sortedBy(choice.value, sort))}>
          {title}
          <span class="order" aria-hidden="true">
            {isSorted ? (isReversed ? "↑" : "↓") : ""}
          </span>
        </button>
      )}
    </div>
  );
}

function Nothing(): JSX.Element | null {
  const { model, choice, connection } = useStore();
  if (model.value.serverMillis === null) {
    return connection.value.kind === "connecting" ? <p class="nothing">Connecting …</p> : null;
  }
  if (model.value.services.length === 0) return <p class="nothing">There are no services here.</p>;
  return (
    <p class="nothing">
      No service is found.{" "}
      <button type="button" onClick={() => (choice.value = { ...choice.value, typed: "", mood: null })}>
        Show all
      </button>
    </p>
  );
}
