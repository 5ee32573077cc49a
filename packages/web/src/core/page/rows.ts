import { sortServices, type Sorting, type SortKey } from "@upkeep/client/core/order";
import type { Looked } from "@upkeep/client/core/usage";
import type { LastEnd } from "@upkeep/supervise/core/state-json";

import { judge, type Mood } from "./judge.ts";

/** A service as the page knows it. */
export interface PageService extends Looked {
  /** By which the interface and the address of its page name it. */
  readonly id: string;
  /** The scan directory. */
  readonly directory: string;
  /** A short name of that; null where there is only one. */
  readonly place: string | null;
  /** What it used at the last looks, the newest one last: of one processor in per cent, and bytes. */
  readonly percents: readonly number[];
  readonly bytes: readonly number[];
  /** The last ends that were alike, the last one first, for `describeInWords`. */
  readonly ends: readonly LastEnd[];
}

/** Which services the table shows, and in which order. */
export interface Choice {
  readonly typed: string;
  /** Null: all. */
  readonly mood: Mood | null;
  readonly sort: Sorting;
}

export const firstChoice: Choice = { typed: "", mood: null, sort: { key: "service", isReversed: false } };

/** The name of a service where several directories are shown: `user:web`. */
export function fullName({ place, snapshot }: PageService): string {
  return place === null ? snapshot.label : `${place}:${snapshot.label}`;
}

/**
 * The rows of the table. Each word that was typed must be in the name, or begin the state; one with `!` must not. One with
 * a colon must be in the name with its directory: `user:`.
 */
export function chosen(services: readonly PageService[], choice: Choice, nowSeconds: number): readonly PageService[] {
  const words = choice.typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "!");
  const found = services.filter((service) => {
    const { snapshot } = service;
    const { word: state, mood } = judge(snapshot, nowSeconds);
    if (choice.mood !== null && mood !== choice.mood) return false;
    const name = snapshot.label.toLowerCase();
    const full = fullName(service).toLowerCase();
    const has = (word: string): boolean =>
      name.includes(word) || state.startsWith(word) || (word.includes(":") && full.includes(word));
    return words.every((word) => (word.startsWith("!") ? !has(word.slice(1)) : has(word)));
  });
  return sortServices(found, choice.sort);
}

/** How many services are in each mood. */
export function countMoods(services: readonly PageService[], nowSeconds: number): Readonly<Record<Mood, number>> {
  const counts = { bad: 0, busy: 0, good: 0, off: 0 };
  for (const { snapshot } of services) counts[judge(snapshot, nowSeconds).mood] += 1;
  return counts;
}

/** What a click on the head of a column, or `I`, makes of the order. */
export function sortedBy(choice: Choice, key: SortKey): Choice {
  const isReversed = choice.sort.key === key && !choice.sort.isReversed;
  return { ...choice, sort: { key, isReversed } };
}

/** The row that the keys are for when rows have changed: the same service, or what has come to its place. */
export function keptRow(rows: readonly PageService[], selected: string | null, lastRow: number): number {
  const at = rows.findIndex(({ id }) => id === selected);
  return at === -1 ? Math.max(0, Math.min(rows.length - 1, lastRow)) : at;
}
