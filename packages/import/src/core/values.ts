import { highestSignal, signals } from "@upkeep/linux/core/signals";

// Values that several formats write in the same way. Null is a value that the source refuses.

/** A whole number from 0 to 2^53 - 1. */
export function whole(text: string): number | null {
  const number = /^\+?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/** Any whole number. */
export function integer(text: string): number | null {
  return /^[+-]?\d{1,15}$/.test(text.trim()) ? Number(text) : null;
}

/** The name of a signal without SIG, or its number. */
export function signal(text: string): string | null {
  const upper = text.trim().toUpperCase();
  if (/^\d+$/.test(upper)) return Number(upper) >= 1 && Number(upper) <= highestSignal ? upper : null;
  const name = upper.startsWith("SIG") ? upper : `SIG${upper}`;
  return Object.hasOwn(signals, name) ? name.slice(3) : null;
}

export function umask(text: string): string | null {
  return /^[0-7]{1,4}$/.test(text.trim()) ? text.trim().padStart(3, "0") : null;
}

/** A user by name, or by number. */
export function user(text: string): string | null {
  const name = text.trim();
  // oxlint-disable-next-line no-control-regex
  return name === "" || /[:\u0000-\u0020]/.test(name) ? null : name;
}
