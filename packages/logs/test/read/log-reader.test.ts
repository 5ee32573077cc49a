import * as fc from "fast-check";
import { expect, test } from "vitest";

import { tai64nText } from "@upkeep/supervise/core/tai64n";
import { utc } from "@upkeep/logs/core/zone";
import { createMerge } from "@upkeep/logs/lines/merge";
import { createStampReader } from "@upkeep/logs/lines/stamp-reader";
import { createListing, type LogDirectory } from "@upkeep/logs/read/log-directory";
import { beginning, createLogReader, type LogReader } from "@upkeep/logs/read/log-reader";
import { positionBehind } from "@upkeep/logs/read/position";

/** A log directory in memory, and the logger that writes to it. */
class Loggers implements LogDirectory {
  readonly written: string[] = [];
  /** Called before each access, where a real logger might do anything. */
  onAccess: () => void = () => {};
  readonly #usesPrevious: boolean;
  #files = new Map<string, { id: string; text: string }>();
  #serial = 0;

  constructor(usesPrevious: boolean) {
    this.#usesPrevious = usesPrevious;
    this.#files.set("current", this.#file(""));
  }

  write(line: string): void {
    const current = this.#files.get("current");
    if (current === undefined) return;
    current.text += `${line}\n`;
    this.written.push(line);
  }

  /** One step of a rotation: svlogd's by way of `.u`, that of s6-log by way of `previous`, of which there is one. */
  rotate(micros: number): void {
    const current = this.#files.get("current");
    if (current === undefined) {
      this.#files.set("current", this.#file(""));
      return;
    }
    while (this.#files.has("previous") || this.#files.has("processed")) this.process(micros);
    this.#files.delete("current");
    this.#files.set(this.#usesPrevious ? "previous" : `${labelOf(micros)}.u`, current);
  }

  /** One step of the processing of the first log that waits for it. svlogd's is of one step here, that of s6-log of three. */
  process(micros: number): void {
    const [previous, processed] = [this.#files.get("previous"), this.#files.get("processed")];
    if (previous !== undefined && processed === undefined) {
      this.#files.set("processed", this.#file(previous.text.slice(0, 3)));
    } else if (previous !== undefined && processed !== undefined) {
      processed.text = previous.text;
      this.#files.delete("previous");
    } else if (processed !== undefined) {
      this.#files.delete("processed");
      this.#files.set(`${labelOf(micros)}.s`, processed);
    } else this.#compress();
  }

  #compress(): void {
    const name = [...this.#files.keys()].find((one) => one.endsWith(".u"));
    const waiting = name === undefined ? undefined : this.#files.get(name);
    if (name === undefined || waiting === undefined) return;
    this.#files.delete(name);
    this.#files.set(`${name.slice(0, 25)}.s`, this.#file(waiting.text));
  }

  readonly list = createListing(() => this.#names());

  /** Misses every name that comes or goes meanwhile, as readdir(3) may. */
  #names(): readonly string[] {
    const before = [...this.#files.keys()];
    this.onAccess();
    return before.filter((name) => this.#files.has(name));
  }

  open(name: string): ReturnType<LogDirectory["open"]> {
    this.onAccess();
    const file = this.#files.get(name);
    if (file === undefined) return null;
    let position = 0;
    return {
      id: file.id,
      isPlain: true,
      size: () => file.text.length,
      read: (cursor) => {
        this.onAccess();
        const bytes = Buffer.from(file.text.slice(position, position + 7));
        position += bytes.length;
        cursor.feed(bytes);
        return Promise.resolve(bytes.length > 0);
      },
      readAt: () => 0,
      seek: (to) => {
        position = to;
      },
      position: () => position,
      close: () => {},
    };
  }

  /** Without an access. */
  hasCurrent(): boolean {
    return this.#files.has("current");
  }

  currentId(): string | null {
    this.onAccess();
    return this.#files.get("current")?.id ?? null;
  }

  #file(text: string): { id: string; text: string } {
    this.#serial += 1;
    return { id: String(this.#serial), text };
  }
}

const labelOf = (micros: number): string =>
  tai64nText({ seconds: Math.floor(micros / 1e6), nanoseconds: (micros % 1e6) * 1000 });

const stamped = (micros: number, text: string): string =>
  `${tai64nText({ seconds: Math.floor(micros / 1e6), nanoseconds: (micros % 1e6) * 1000 })} ${text}`;

const textOf = ({ cursor }: LogReader): string => cursor.bytes.toString("utf8", cursor.from, cursor.to);

async function drain(
  readers: readonly LogReader[],
  merge: ReturnType<typeof createMerge<LogReader>>,
  limit = Infinity,
): Promise<string[]> {
  const seen: string[] = [];
  for (const reader of readers) {
    if (!merge.has(reader) && (reader.cursor.next() || (await reader.fill()))) merge.add(reader);
  }
  await merge.drain(limit, (reader) => seen.push(textOf(reader)) > 0);
  return seen;
}

test("a followed log loses and repeats no line, whenever it is rotated", async () => {
  const one = fc.constantFrom("write", "write", "rotate", "process");
  const act = fc.array(one, { maxLength: 4 });
  const plan = fc.tuple(fc.boolean(), fc.array(act, { maxLength: 200, size: "max" }));
  await fc.assert(
    fc.asyncProperty(plan, async ([usesPrevious, acts]) => {
      const logs = new Loggers(usesPrevious);
      let at = 0;
      let count = 0;
      logs.onAccess = () => {
        // Two rotations between two accesses would be too much: the same name would then stand for another log.
        let hasRotated = false;
        for (const next of acts[at] ?? []) {
          const begins = next === "rotate" && logs.hasCurrent();
          if (begins && hasRotated) continue;
          hasRotated ||= begins;
          count += 1;
          if (next === "write") logs.write(`line ${count}`);
          if (next === "rotate") logs.rotate(count);
          if (next === "process") logs.process(count);
        }
        at += 1;
      };
      const warnings: string[] = [];
      const reader = createLogReader(logs, createStampReader(utc, false), beginning, (text) => warnings.push(text));
      const merge = createMerge([reader]);
      const seen: string[] = [];
      while (at < acts.length) seen.push(...(await drain([reader], merge)));
      // A rotation that was under way is completed.
      for (let left = 3; left > 0 && logs.currentId() === null; left--) logs.rotate((count += 1));
      for (let look = 0; look < 3; look++) seen.push(...(await drain([reader], merge)));
      expect(seen).toEqual(logs.written);
      expect(warnings).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("a reader that takes the place of another one at its mark loses and repeats no line, whenever the log is rotated", async () => {
  const act = fc.array(fc.constantFrom("write", "write", "rotate"), { maxLength: 4 });
  const turn = fc.record({ acts: fc.array(act, { maxLength: 12 }), isReplaced: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 30, size: "max" }), async (turns) => {
      const logs = new Loggers(false);
      const stamps = createStampReader(utc, false);
      let acts: string[][] = [];
      let count = 0;
      logs.onAccess = () => {
        let hasRotated = false;
        for (const next of acts.shift() ?? []) {
          const begins = next === "rotate" && logs.hasCurrent();
          if (begins && hasRotated) continue;
          hasRotated ||= begins;
          count += 1;
          if (next === "write") logs.write(`line ${count}`);
          if (next === "rotate") logs.rotate(count);
        }
      };
      const settle = (): void => {
        acts = [];
        for (let left = 3; left > 0 && !logs.hasCurrent(); left--) logs.rotate((count += 1));
      };
      const seen: string[] = [];
      let reader = createLogReader(logs, stamps, beginning, () => {});
      for (const { acts: planned, isReplaced } of turns) {
        acts = planned.map((one) => [...one]);
        seen.push(...(await drain([reader], createMerge([reader]))));
        const mark = reader.mark();
        if (!isReplaced || mark === null) continue;
        // The log is there, so it is found.
        const position = positionBehind(logs, mark);
        expect(position).not.toBeNull();
        reader = createLogReader(logs, stamps, position ?? beginning, () => {});
      }
      settle();
      for (let look = 0; look < 3; look++) seen.push(...(await drain([reader], createMerge([reader]))));
      expect(seen).toEqual(logs.written);
    }),
    { numRuns: 300 },
  );
});

test("a mark in a log that has gone, or was cut, leads nowhere", async () => {
  const logs = new Loggers(false);
  logs.write("one");
  const reader = createLogReader(logs, createStampReader(utc, false), beginning, () => {});
  expect(reader.mark()).toBeNull();
  await drain([reader], createMerge([reader]));
  const mark = reader.mark() ?? expect.unreachable();
  expect(mark.offset).toBe(4);
  expect(positionBehind(logs, mark)).toEqual({ known: new Set(), offset: 4 });
  expect(positionBehind(logs, { ...mark, offset: 5 })).toBeNull();
  expect(positionBehind(logs, { ...mark, file: "other" })).toBeNull();
});

/** What happens at one access to any of the directories: to which of them, and what. */
interface Act {
  readonly index: number;
  readonly what: "write" | "rotate" | "process";
}

/** Several services that log at the same time. A line gets its stamp when it is written. */
class Services {
  readonly directories = Array.from({ length: 4 }, (_, index) => new Loggers(index % 2 === 0));
  readonly readers = this.directories.map((one) =>
    createLogReader(one, createStampReader(utc, false), beginning, (text) => this.warnings.push(text)),
  );
  /** All lines in the order in which they were written. */
  readonly written: string[] = [];
  readonly warnings: string[] = [];
  micros = 1e9 * 1e6;

  act({ index, what }: Act): void {
    const directory = this.directories[index] ?? expect.unreachable();
    this.micros += 1;
    if (what === "rotate") directory.rotate(this.micros);
    if (what === "process") directory.process(this.micros);
    if (what !== "write" || !directory.hasCurrent()) return;
    const line = stamped(this.micros, `of ${index}`);
    directory.write(line);
    this.written.push(line);
  }

  /** Lets these acts happen, some at each access; two rotations of one log between two accesses would be too much. */
  actAtAccess(plan: readonly (readonly Act[])[]): { readonly isOver: () => boolean } {
    let at = 0;
    const step = (): void => {
      const rotated = new Set<number>();
      for (const one of plan[at++] ?? []) {
        const begins = one.what === "rotate" && (this.directories[one.index]?.hasCurrent() ?? false);
        if (begins && rotated.has(one.index)) continue;
        if (begins) rotated.add(one.index);
        this.act(one);
      }
    };
    for (const directory of this.directories) directory.onAccess = step;
    return { isOver: () => at >= plan.length };
  }

  /** Completes the rotations that are under way. */
  settle(): void {
    for (const [index, directory] of this.directories.entries()) {
      for (let left = 3; left > 0 && !directory.hasCurrent(); left--) this.act({ index, what: "rotate" });
    }
  }
}

const act = fc.record({
  index: fc.nat({ max: 3 }),
  what: fc.constantFrom("write" as const, "write" as const, "rotate" as const, "process" as const),
});
/** Without the size, most lists would have a few elements. */
const anyPlan = fc.array(fc.array(act, { maxLength: 4 }), { maxLength: 120, size: "max" });

test("several logs that are followed give one sorted stream, whenever any of them is rotated", async () => {
  await fc.assert(
    fc.asyncProperty(anyPlan, async (plan) => {
      const services = new Services();
      const { isOver } = services.actAtAccess(plan);
      const merge = createMerge(services.readers);
      const seen: string[] = [];
      while (!isOver()) {
        // What was written up to now is there. Later lines wait for those of others, as they do in `sv log -f`.
        const now = services.micros;
        seen.push(...(await drain(services.readers, merge, now)));
      }
      services.settle();
      for (let look = 0; look < 3; look++) seen.push(...(await drain(services.readers, merge)));
      expect(seen).toEqual(services.written);
      expect(services.warnings).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("several logs that are read once give one sorted stream, although they are rotated and processed meanwhile", async () => {
  const meanwhile = fc.array(
    fc.array(
      act.filter(({ what }) => what !== "write"),
      { maxLength: 4 },
    ),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(anyPlan, meanwhile, async (before, during) => {
      const services = new Services();
      for (const one of before.flat()) services.act(one);
      services.settle();
      services.actAtAccess(during);
      const merge = createMerge(services.readers);
      const seen = await drain(services.readers, merge);
      // A log that has no `current` for a moment ends there, and goes on with the next look.
      services.actAtAccess([]);
      services.settle();
      const rest = await drain(services.readers, merge);
      if (rest.length === 0) expect(seen).toEqual(services.written);
      expect([...seen, ...rest].toSorted()).toEqual(services.written);
      expect(services.warnings).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
