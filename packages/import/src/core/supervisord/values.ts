import { whole } from "../values.ts";

// Values as supervisor/datatypes.py takes them. Null is a value that supervisord refuses.

const yes = ["yes", "true", "on", "1"];
const no = ["no", "false", "off", "0"];

export function boolean(text: string): boolean | null {
  const lower = text.toLowerCase();
  if (yes.includes(lower)) return true;
  return no.includes(lower) ? false : null;
}

/** Seconds of which the milliseconds are a safe integer as well. */
export function seconds(text: string): number | null {
  const number = whole(text);
  return number !== null && Number.isSafeInteger(number * 1000) ? number : null;
}

/** A number of bytes, with KB, MB or GB behind it. */
export function bytes(text: string): number | null {
  const [, digits, unit = ""] = /^(\d+)\s*(kb|mb|gb)?$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return null;
  const factor = { "": 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }[unit.toLowerCase()] ?? 1;
  const number = Number(digits) * factor;
  return Number.isSafeInteger(number) ? number : null;
}

export function autorestart(text: string): "always" | "on-failure" | "never" | null {
  if (text.toLowerCase() === "unexpected") return "on-failure";
  const unconditionally = boolean(text);
  return unconditionally === null ? null : unconditionally ? "always" : "never";
}

export function exitCodes(text: string): readonly number[] | null {
  const codes = text === "" ? [] : text.split(",").map((code) => (/^\s*\d{1,3}\s*$/.test(code) ? Number(code) : 256));
  return codes.every((code) => code < 256) ? codes : null;
}

/**
 * `A=1,B="x,y"`: pairs with commas between them. A value without quotes has letters, digits and `_/.+-():` only, as
 * supervisord takes no others. Quotes cannot be escaped.
 */
export function pairs(text: string): readonly (readonly [name: string, value: string])[] | null {
  const found: (readonly [string, string])[] = [];
  const pair = /\s*([A-Za-z_]\w*)\s*=\s*("[^"]*"|'[^']*'|[\w\0/.+\-():]*)\s*(?:,|$)/y;
  while (pair.lastIndex < text.trimEnd().length) {
    const [, name, value] = pair.exec(text) ?? [];
    if (name === undefined || value === undefined) return null;
    found.push([name, value.replace(/^["']|["']$/g, "")]);
  }
  return found;
}
