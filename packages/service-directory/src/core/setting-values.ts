import { highestSignal, type SignalName, signals } from "@upkeep/linux/core/signals";

import type { RestartDelay, RestartPolicy } from "./run-settings.ts";

/** A kind of value that a file may hold. */
export interface ValueKind<Value> {
  /** Null for a text that means nothing. */
  readonly parse: (text: string) => Value | null;
  /** Completes the warning "... is not". */
  readonly allowed: string;
}

/** What fits into 2^53 is a number. All timers are set in steps, so any time in ms can pass. */
const greatest = Number.MAX_SAFE_INTEGER;
const mostSeconds = Math.floor(greatest / 1000);

export const millis: ValueKind<number> = {
  parse: wholeNumber,
  allowed: `a number of milliseconds from 0 to ${greatest}`,
};

/** A higher descriptor might be above the service's own limit of open files. */
const highestDescriptor = 255;

export const descriptor: ValueKind<number> = {
  parse: (text) => {
    const number = wholeNumber(text);
    return number !== null && number > 2 && number <= highestDescriptor ? number : null;
  },
  allowed: `a descriptor from 3 to ${highestDescriptor}`,
};

export const restartMode: ValueKind<RestartPolicy["restart"]> = {
  parse: (text) => (text === "always" || text === "on-failure" || text === "never" ? text : null),
  allowed: `"always", "on-failure" or "never"`,
};

export const criticalMode: ValueKind<"failure" | "any-exit"> = {
  parse: (text) => (text === "" ? "failure" : text === "any-exit" ? text : null),
  allowed: `empty or "any-exit"`,
};

/** The factor by which one pause may exceed the pause before, at most. */
const highestFactor = 100;
const defaultFactor = 2;

export const restartDelay: ValueKind<RestartDelay> = {
  parse: (text) => {
    const words = text.split(/\s+/);
    const min = wholeNumber(words[0] ?? "");
    const max = words.length > 1 ? wholeNumber(words[1] ?? "") : min;
    const factor = words.length > 2 ? decimal(words[2] ?? "") : words.length > 1 ? defaultFactor : 1;
    if (min === null || max === null || factor === null || words.length > 3) return null;
    return max >= min && factor >= 1 && factor <= highestFactor ? { min, max, factor } : null;
  },
  allowed: `"MIN", "MIN MAX" or "MIN MAX FACTOR", with MIN and MAX in milliseconds up to ${greatest}, MIN not above MAX, and FACTOR from 1 to ${highestFactor}`,
};

export const restartLimit: ValueKind<NonNullable<RestartPolicy["limit"]>> = {
  parse: (text) => {
    const [first = "", second = "", ...rest] = text.split(/\s+/);
    const count = wholeNumber(first);
    const seconds = decimal(second);
    if (count === null || seconds === null || rest.length > 0) return null;
    if (seconds === 0 || seconds > mostSeconds) return null;
    return { count, millis: seconds * 1000 };
  },
  allowed: `"COUNT SECONDS", as in "5 60", with COUNT up to ${greatest} and SECONDS above 0 and up to ${mostSeconds}`,
};

/** `TERM`, `SIGTERM`, `term` or 15. */
export const signal: ValueKind<number> = {
  parse: signalOf,
  allowed: `a signal's name or its number from 1 to ${highestSignal}`,
};

/** A list of exit codes, as numbers, and signals, as names. */
export const success: ValueKind<RestartPolicy["exitOk"]> = {
  parse: (text) => {
    const words = text.split(/[\s,]+/).filter((word) => word !== "");
    const codes = words.map((word) => (/^\d{1,3}$/.test(word) && Number(word) <= 255 ? Number(word) : null));
    const killers = words.map((word) => (/^\d/.test(word) ? null : signalOf(word)));
    if (words.some((_, index) => codes[index] === null && killers[index] === null)) return null;
    return { codes: codes.filter((code) => code !== null), signals: killers.filter((killer) => killer !== null) };
  },
  allowed: "a list of exit codes from 0 to 255 and names of signals",
};

function signalOf(text: string): number | null {
  if (/^\d+$/.test(text)) {
    const number = wholeNumber(text);
    return number !== null && number >= 1 && number <= highestSignal ? number : null;
  }
  const upper = text.toUpperCase();
  const name = upper.startsWith("SIG") ? upper : `SIG${upper}`;
  return Object.hasOwn(signals, name) ? signals[name as SignalName] : null;
}

function wholeNumber(text: string): number | null {
  return /^\d+$/.test(text) && Number(text) <= greatest ? Number(text) : null;
}

function decimal(text: string): number | null {
  return /^\d+(\.\d{1,6})?$/.test(text) ? Number(text) : null;
}
