import { closeSync, constants, openSync, writeSync } from "node:fs";

import { duplicateOnto, setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { createPipe, type Pipe } from "@upkeep/linux/fd/pipe";
import { readAvailable } from "@upkeep/linux/fd/readable";
import { afterEach, describe, expect, test } from "vitest";

import { createInput, type Input, openSource } from "../../src/lines/input.ts";
import { createSplitter } from "../../src/lines/splitter.ts";

interface Fed {
  readonly input: Input;
  readonly said: readonly string[];
  /** Resolves at the end. */
  readonly ended: Promise<void>;
  readonly hasEnded: () => boolean;
  text(): string;
  /** Resolves when this has come. */
  until(text: string): Promise<void>;
  isBlocked: boolean;
}

const ends: number[] = [];
afterEach(() => ends.splice(0).forEach((fd) => closeSync(fd)));

function pipe(): Pipe {
  const made = createPipe();
  setNonBlocking(made.read, true);
  ends.push(made.read, made.write);
  return made;
}

function feed(fd: number): Fed {
  const said: string[] = [];
  let text = "";
  let endings = 0;
  let onBatch = (): void => {};
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const take = (bytes: Buffer, from: number, to: number): void => {
    text += bytes.toString("latin1", from, to);
  };
  const fed: Fed = {
    input: createInput(openSource(fd), {
      splitter: createSplitter(
        { lines: take, longLine: take, more: take },
        { lineLength: 100, table: null, chunk: 4096 },
      ),
      isBlocked: () => fed.isBlocked,
      onBatch: () => onBatch(),
      onEnd: () => {
        endings++;
        resolve();
      },
      warn: (message) => said.push(message),
    }),
    said,
    ended,
    hasEnded: () => {
      expect(endings).toBeLessThan(2);
      return endings > 0;
    },
    text: () => text,
    until: async (wanted) => {
      while (text !== wanted) {
        await new Promise<void>((next) => {
          onBatch = next;
        });
      }
    },
    isBlocked: false,
  };
  return fed;
}

/** What is left in a pipe. */
function rest(fd: number): string {
  const bytes = Buffer.alloc(65_536);
  return bytes.toString("latin1", 0, Math.max(0, readAvailable(fd, bytes)));
}

describe("createInput", () => {
  test("reads what is there and what comes, to the end", async () => {
    const { read, write } = createPipe();
    const fed = feed(read);
    writeSync(write, "a\n");
    fed.input.read();
    await fed.until("a\n");
    for (const text of ["b\n", "c\n"]) {
      writeSync(write, text);
      await fed.until(text === "b\n" ? "a\nb\n" : "a\nb\nc\n");
    }
    writeSync(write, "d");
    closeSync(write);
    await fed.ended;
    expect(fed.text()).toBe("a\nb\nc\nd\n");
    closeSync(read);
  });

  test("reads nothing while it is blocked, and goes on when it is told", async () => {
    const { read, write } = pipe();
    const fed = feed(read);
    fed.isBlocked = true;
    writeSync(write, "a\n");
    fed.input.read();
    expect(fed.text()).toBe("");
    fed.isBlocked = false;
    fed.input.read();
    await fed.until("a\n");
    fed.input.stop();
    expect(fed.hasEnded()).toBe(true);
  });

  test("stops between lines at once and leaves the rest in the pipe", () => {
    const { read, write } = pipe();
    const fed = feed(read);
    fed.isBlocked = true;
    fed.input.read();
    writeSync(write, "a\nb\n");
    fed.input.stop();
    expect(fed.hasEnded()).toBe(true);
    expect(fed.text()).toBe("");
    expect(rest(read)).toBe("a\nb\n");
  });

  test("stops behind the line that has begun, and takes nothing of the next", () => {
    const { read, write } = pipe();
    const fed = feed(read);
    writeSync(write, "a\nb");
    fed.input.read();
    writeSync(write, `${"c".repeat(300)}\nnext\n`);
    fed.input.stop();
    expect(fed.hasEnded()).toBe(true);
    expect(fed.text()).toBe(`a\nb${"c".repeat(300)}\n`);
    expect(rest(read)).toBe("next\n");
  });

  test("waits for the end of a line when it has been stopped", async () => {
    const { read, write } = pipe();
    const fed = feed(read);
    writeSync(write, "a");
    fed.input.read();
    fed.input.stop();
    expect(fed.hasEnded()).toBe(false);
    writeSync(write, "b\nnext\n");
    await fed.ended;
    expect(fed.text()).toBe("ab\n");
    expect(rest(read)).toBe("next\n");
  });

  test("waits no longer when it is stopped again; the line gets its newline", () => {
    const { read, write } = pipe();
    const fed = feed(read);
    writeSync(write, "a");
    fed.input.read();
    fed.input.stop();
    fed.input.stop();
    expect(fed.hasEnded()).toBe(true);
    expect(fed.text()).toBe("a\n");
    fed.input.stop();
    fed.input.read();
    expect(fed.hasEnded()).toBe(true);
  });

  test("a read that fails is told and tried again", async () => {
    const fd = openSync("/", constants.O_RDONLY);
    ends.push(fd);
    const fed = feed(fd);
    fed.input.read();
    expect(fed.said).toEqual(["unable to read standard input: is a directory"]);
    const { read, write } = pipe();
    writeSync(write, "a\n");
    duplicateOnto(read, fd);
    await fed.until("a\n");
    fed.input.stop();
    expect(fed.hasEnded()).toBe(true);
  });
});
