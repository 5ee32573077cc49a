import { createElement } from "react";
import { type Key as InkKey, render, useApp, useInput } from "ink";

import { changes } from "../core/top/changes.ts";
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

export function openScreen({ onKey, onResize, onGone }: ScreenHandlers): Screen {
  const { stdin, stdout } = process;
  let lend: Screen["lend"] = async (work) => await work();
  let shown: readonly string[] | null = null;

  // Ink has the keys, and gives and takes the terminal. Its own drawing takes each character of the screen apart for each frame,
  // which costs more than all else.
  const Keys = (): null => {
    ({ suspendTerminal: lend } = useApp());
    useInput((input, key) => namesOf(input, key).forEach(onKey));
    return null;
  };
  const app = render(createElement(Keys), {
    alternateScreen: true,
    exitOnCtrlC: false,
    interactive: true,
    patchConsole: false,
  });
  stdout.on("resize", () => {
    shown = null;
    onResize();
  });
  for (const stream of [stdin, stdout]) for (const event of ["error", "close", "end"]) stream.on(event, onGone);
  return {
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    draw: (lines) => {
      const text = changes(shown?.length === lines.length ? shown : null, lines);
      shown = lines;
      if (text !== "") stdout.write(text);
    },
    command: (sequence) => void stdout.write(sequence),
    lend: async (work) => {
      await lend(work);
      shown = null;
    },
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
