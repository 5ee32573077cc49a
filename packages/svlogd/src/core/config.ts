import type { Rule } from "./match.ts";

/** Where lines are sent besides, or instead of, the log. */
export interface UdpTarget {
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
  /** Nothing goes to the log (`U`). */
  readonly isOnly: boolean;
}

/** What the file `config` of a log directory says: see docs/log-directory.md. Sizes are in bytes. */
export interface LogConfig {
  /** Largest size of `current`; 0: any. */
  readonly size: number;
  /** How many old logs are kept; 0: all. */
  readonly keep: number;
  /** How many are kept at least when the disk is full. */
  readonly keepAtLeast: number;
  /** Seconds after which `current` is rotated; 0: never. */
  readonly age: number;
  /** Largest size of all old logs together; 0: any. */
  readonly totalSize: number;
  /** When more bytes than this wait to be written, lines are lost; null: the service waits instead. */
  readonly loseAbove: number | null;
  /** Run on old logs. */
  readonly processor: string | null;
  readonly udp: UdpTarget | null;
  readonly prefix: Uint8Array;
  /** File that holds the last line. */
  readonly lastLineFile: string | null;
  /** What goes to the log; all, unless a rule says otherwise. */
  readonly logRules: readonly Rule[];
  /** What goes to stderr; nothing, unless a rule says otherwise. */
  readonly stderrRules: readonly Rule[];
}

export const defaultConfig: LogConfig = {
  size: 1_000_000,
  keep: 10,
  keepAtLeast: 10,
  age: 0,
  totalSize: 0,
  loseAbove: null,
  processor: null,
  udp: null,
  prefix: new Uint8Array(),
  lastLineFile: null,
  logRules: [],
  stderrRules: [],
};

type Draft = { -readonly [K in keyof LogConfig]: LogConfig[K] } & { logRules: Rule[]; stderrRules: Rule[] };

/**
 * Reads the text of `config`, which has a letter and its value on each line. As runit does, it passes over lines that
 * begin with anything else.
 *
 * @returns the settings, and what is wrong with those that are left out.
 */
export function parseConfig(text: Uint8Array): { readonly config: LogConfig; readonly warnings: readonly string[] } {
  const draft: Draft = { ...defaultConfig, logRules: [], stderrRules: [] };
  const warnings: string[] = [];
  for (const line of linesOf(text)) {
    const warning = readLine(draft, line);
    if (warning !== null) warnings.push(warning);
  }
  return { config: draft, warnings };
}

function* linesOf(text: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < text.length;) {
    const newline = text.indexOf(10, from);
    const end = newline === -1 ? text.length : newline;
    // runit ignores a last line that is one byte without a newline.
    if (end > from && !(newline === -1 && end - from === 1)) yield text.subarray(from, end);
    from = end + 1;
  }
}

const noUnits = {};
const sizeUnits = { k: 1024, m: 1024 * 1024 };
const timeUnits = { m: 60, h: 3600 };

/** Returns what is wrong with the line, or null. */
function readLine(draft: Draft, line: Uint8Array): string | null {
  const value = line.subarray(1);
  const words = textOf(value);
  const letter = String.fromCharCode(line[0] ?? 0);
  switch (letter) {
    case "s":
      draft.size = numberWithUnit(words, sizeUnits);
      break;
    case "S":
      draft.totalSize = numberWithUnit(words, sizeUnits);
      break;
    case "n":
      draft.keep = numberWithUnit(words, noUnits);
      break;
    case "N":
      draft.keepAtLeast = numberWithUnit(words, noUnits);
      break;
    case "t":
      draft.age = numberWithUnit(words, timeUnits);
      break;
    case "L":
      draft.loseAbove = numberWithUnit(words, sizeUnits);
      break;
    case "!":
      draft.processor = words === "" ? null : words;
      break;
    case "u":
    case "U": {
      const target = parseTarget(words, letter === "U");
      if (typeof target === "string") return target;
      draft.udp = target;
      break;
    }
    case "p":
      draft.prefix = value.slice();
      break;
    case "=":
      if (!isFileName(words)) return `unable to use as file of the last line: ${words}`;
      draft.lastLineFile = words;
      break;
    case "+":
    case "-":
      draft.logRules.push({ selects: letter === "+", pattern: value.slice() });
      break;
    case "e":
    case "E":
      draft.stderrRules.push({ selects: letter === "e", pattern: value.slice() });
      break;
    default:
  }
  return null;
}

/** The leading digits times the unit behind them; 0 without digits, as in runit. */
function numberWithUnit(text: string, units: Readonly<Record<string, number>>): number {
  const [, digits = "", unit = ""] = /^(\d*)(.?)/.exec(text) ?? [];
  return Math.min(Number(digits) * (units[unit] ?? 1), Number.MAX_SAFE_INTEGER);
}

const defaultPort = 514;

/** Reads `a.b.c.d`, `a.b.c.d:port`, `[v6]`, `[v6]:port`; otherwise says in runit's words what is wrong. */
function parseTarget(text: string, isOnly: boolean): UdpTarget | string {
  const found = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([0-9a-fA-F:.]+)\])(?::(.*))?/.exec(text);
  const [, four, six, portText] = found ?? [];
  const address = four ?? six;
  const isValid = four === undefined ? six?.includes(":") : four.split(".").every((part) => Number(part) <= 255);
  if (address === undefined || isValid !== true) return `unable to scan ip address: ${text}`;
  const port = portText === undefined ? defaultPort : Number(/^\d*/.exec(portText)?.[0]);
  if (!(port > 0 && port <= 65535)) return `unable to scan port number: ${portText}`;
  return { address, family: four === undefined ? 6 : 4, port, isOnly };
}

/** Whether it is a plain name that has no other meaning in a log directory. */
function isFileName(text: string): boolean {
  const taken = ["", ".", "..", "current", "lock", "config", "state", "newstate"];
  return !text.includes("/") && !text.includes("\0") && !text.startsWith("@") && !taken.includes(text);
}

function textOf(bytes: Uint8Array): string {
  // A U+FEFF at the beginning is part of the text.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
