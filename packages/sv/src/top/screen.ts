import { createElement, type ReactElement, useState } from "react";
import { type Key as InkKey, render, Text, useApp, useInput } from "ink";

import type { Key, Size } from "../core/top/state.ts";

/** The terminal, while it is ours. Ink gives it back as it was, also at `process.exit`. */
export interface Screen {
  size(): Size;
  /** Shows these lines; only what has changed goes to the terminal. */
  draw(lines: readonly string[]): void;
  /** Sends a sequence that shows nothing. */
  command(sequence: string): void;
  /** Gives the terminal back while something else works, and draws anew after that. */
  lend(work: () => Promise<void>): Promise<void>;
  /** Gives the terminal back for good. */
  close(): Promise<void>;
}

export interface ScreenHandlers {
  onKey(key: Key): void;
  onResize(): void;
  /** The terminal is gone. */
  onGone(): void;
}

/** Frames a second, for keys that come fast. */
const mostFrames = 20;

export function openScreen({ onKey, onResize, onGone }: ScreenHandlers): Screen {
  const { stdin, stdout } = process;
  let show: (text: string) => void = () => {};
  let lend: Screen["lend"] = async (work) => await work();

  const Frame = (): ReactElement => {
    const { suspendTerminal } = useApp();
    const [text, setText] = useState("");
    [show, lend] = [setText, suspendTerminal];
    useInput((input, key) => namesOf(input, key).forEach(onKey));
    return createElement(Text, { wrap: "truncate-end" }, text);
  };
  const app = render(createElement(Frame), {
    alternateScreen: true,
    exitOnCtrlC: false,
    incrementalRendering: true,
    interactive: true,
    maxFps: mostFrames,
    patchConsole: false,
  });
  stdout.on("resize", onResize);
  for (const stream of [stdin, stdout]) for (const event of ["error", "close", "end"]) stream.on(event, onGone);
  return {
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    draw: (lines) => show(lines.join("\n")),
    command: (sequence) => void stdout.write(sequence),
    lend: async (work) => await lend(work),
    close: async () => {
      app.unmount();
      await app.waitUntilExit();
    },
  };
}

const names: readonly (readonly [keyof InkKey, Key])[] = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "pageup"],
  ["pageDown", "pagedown"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "escape"],
  ["backspace", "backspace"],
  ["delete", "backspace"],
];

/** What is typed fast comes as one text. */
function namesOf(input: string, key: InkKey): readonly Key[] {
  const name = names.find(([field]) => key[field] === true)?.[1];
  if (name !== undefined) return [name];
  if (key.ctrl) return [`ctrl-${input}`];
  return key.meta ? [] : Array.from(input, (character) => controls[character] ?? character);
}

const controls: Readonly<Record<string, Key | undefined>> = {
  "\r": "enter",
  "\n": "enter",
  "\b": "backspace",
  "\x7f": "backspace",
  "\x1b": "escape",
  "\x03": "ctrl-c",
  "\x0c": "ctrl-l",
  "\x1a": "ctrl-z",
};
