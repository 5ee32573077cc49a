import { WishError } from "./plan.ts";

/** Reads `web=2,worker=3`. */
export function readFormation(text: string): ReadonlyMap<string, number> {
  return new Map(
    splitList(text).map((part) => {
      const [, name, count] = /^([^=]+)=(\d{1,4})$/.exec(part) ?? [];
      if (name === undefined || count === undefined) throw new WishError(`${part} is not NAME=NUMBER`);
      return [name, Number(count)];
    }),
  );
}

/** Reads `web,worker`. */
export function readNames(text: string): ReadonlySet<string> {
  return new Set(splitList(text));
}

/** Reads a port. */
export function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new WishError(`${text} is not a port`);
  return port;
}

function splitList(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
