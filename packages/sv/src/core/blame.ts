import type { NeighbourState } from "@upkeep/client/core/picture";

import { span } from "@upkeep/client/core/amounts";
import type { Paper } from "./show.ts";
import { padTo, widthOf } from "./text.ts";

/** What is known of how a service came up. Times are in ms on one clock. */
export interface BootFacts {
  readonly name: string;
  readonly state: NeighbourState;
  readonly needs: readonly string[];
  /** When its supervision began; null where its `runsv` does not tell. */
  readonly began: number | null;
  /** When `./run` was started first; null: not yet. */
  readonly started: number | null;
  /** When it was ready first; null: not yet, or that is not told. */
  readonly ready: number | null;
}

/** How long a service took to come up, for programs. docs/schema/sv-blame.json describes it. Milliseconds; null: not known, or not yet. */
export interface BlamedService {
  readonly name: string;
  readonly state: NeighbourState;
  readonly needs: readonly string[];
  /** From the first of all moments on. */
  readonly startedMillis: number | null;
  readonly readyMillis: number | null;
  /** From the beginning of its supervision to its first start, for dependencies mostly. */
  readonly waitedMillis: number | null;
  /** From its first start until it was ready. */
  readonly tookMillis: number | null;
}

export interface Blame {
  readonly version: 1;
  /** Those first that have been started and are not ready, then by the time that they took. */
  readonly services: readonly BlamedService[];
  /** The service that was ready last, the one that it waited for last, and so on. */
  readonly chain: readonly string[];
}

/** Milliseconds: a dependant starts after its dependency is ready, give or take the rounding. */
const rounding = 10;

/** @param asked the names of those of which the chain begins with one; the others are what they need. */
export function blame(services: readonly BootFacts[], asked: ReadonlySet<string>): Blame {
  const moments = services.flatMap(({ began, started }) => [began, started].filter((one) => one !== null));
  const zero = Math.min(...moments);
  const blamed = services.map(({ name, state, needs, began, started, ready }): BlamedService => {
    const between = (from: number | null, to: number | null): number | null =>
      from === null || to === null ? null : Math.max(0, to - from);
    const [startedMillis, readyMillis] = [between(zero, started), between(zero, ready)];
    const [waitedMillis, tookMillis] = [between(began, started), between(started, ready)];
    return { name, state, needs, startedMillis, readyMillis, waitedMillis, tookMillis };
  });
  return { version: 1, services: blamed.toSorted(byBlame), chain: chainOf(blamed, asked) };
}

/** With an unsteady order of equals, two calls would differ. */
function byBlame(one: BlamedService, other: BlamedService): number {
  return weight(other) - weight(one) || (one.name < other.name ? -1 : 1);
}

function weight({ state, startedMillis, tookMillis }: BlamedService): number {
  if (tookMillis !== null) return tookMillis;
  if (startedMillis === null) return -2;
  return state === "not ready" || state === "failed" ? Number.MAX_SAFE_INTEGER : -1;
}

function chainOf(services: readonly BlamedService[], asked: ReadonlySet<string>): readonly string[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const chain: string[] = [];
  let next = latest(services.filter(({ name }) => asked.has(name)));
  while (next !== null && !chain.includes(next.name)) {
    chain.push(next.name);
    const { needs, startedMillis } = next;
    // One that came up later cannot have been waited for.
    const before = needs.flatMap((name) => byName.get(name) ?? []);
    next = latest(before.filter((one) => (whenUp(one) ?? Infinity) <= (startedMillis ?? 0) + rounding));
  }
  return chain;
}

function latest(services: readonly BlamedService[]): BlamedService | null {
  const up = services.filter((one) => whenUp(one) !== null);
  return up.toSorted((one, other) => (whenUp(other) ?? 0) - (whenUp(one) ?? 0))[0] ?? null;
}

/** Of runit's `runsv`, the start is all that is known. */
function whenUp({ readyMillis, startedMillis }: BlamedService): number | null {
  return readyMillis ?? startedMillis;
}

const head = ["SERVICE", "STATE", "WAITED", "TOOK", "READY AT"] as const;
const firstNumber = 2;

/** A table, and the chain below it. */
export function renderBlame({ services, chain }: Blame, { fit, paint }: Paper): readonly string[] {
  const rows = services.map(({ name, state, waitedMillis, tookMillis, readyMillis }) => [
    fit(name),
    state,
    ...[waitedMillis, tookMillis, readyMillis].map((one) => (one === null ? "-" : span(one))),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => widthOf(row[column] ?? ""))));
  const line = (row: readonly string[]): string =>
    fit(row.map((cell, column) => padTo(cell, widths[column] ?? 0, column >= firstNumber)).join("  "));
  const table = rows.map((row, index) => {
    const state = services[index]?.state;
    if (state !== "failed" && state !== "not ready") return line(row);
    return paint(line(row), state === "failed" ? "bad" : "plain");
  });
  const links = drawChain(services, chain, { fit, paint });
  const below = links.length === 0 ? [] : ["", "critical chain: @ ready at, + took", ...links];
  return [line(head), ...table, ...below];
}

/** The slowest link is marked. */
function drawChain(
  services: readonly BlamedService[],
  chain: readonly string[],
  { fit, paint }: Paper,
): readonly string[] {
  const links = chain.flatMap((name) => services.find((one) => one.name === name) ?? []);
  const longest = Math.max(...links.map(({ tookMillis }) => tookMillis ?? 0));
  return links.map((link, depth) => {
    const { name, tookMillis } = link;
    const branch = depth === 0 ? "" : `${"  ".repeat(depth - 1)}└ `;
    const took = tookMillis === null ? "" : ` +${span(tookMillis)}`;
    const text = fit(`${branch}${name} @${span(whenUp(link) ?? 0)}${took}`);
    return longest > 0 && tookMillis === longest ? paint(text, "bad") : text;
  });
}
