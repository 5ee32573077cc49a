/** The first line of a process in a trace. */
export interface TraceStart {
  readonly program: string;
  /** What it works on: the directory, mostly. */
  readonly about: string;
  readonly pid: number;
  /** The state before the first event. */
  readonly state: unknown;
}

/** What came in, what was decided, and what the state was then. */
export interface TraceStep {
  readonly pid: number;
  readonly event: unknown;
  readonly effects: unknown;
  readonly state: unknown;
}

/** A line of a trace. Lines of several processes may be in one file. */
export type TraceLine = TraceStart | TraceStep;

/** Renders a line, complete with its line end. Throws TypeError for what is no data, such as a function. */
export function encodeLine(line: TraceLine): string {
  return `${JSON.stringify(toJson(line))}\n`;
}

/** Reads a line; null when it is none of a trace. */
export function decodeLine(text: string): TraceLine | null {
  try {
    const line = fromJson(JSON.parse(text)) as Partial<TraceStart & TraceStep> | null;
    if (typeof line?.pid !== "number" || line.state === undefined) return null;
    const isStart = typeof line.program === "string" && typeof line.about === "string";
    return isStart || (line.event !== undefined && Array.isArray(line.effects)) ? (line as TraceLine) : null;
  } catch {
    return null;
  }
}

/**
 * Makes of a value one that JSON can hold. What JSON lacks becomes an object with one key that begins with `$`:
 * `{"$number":"Infinity"}`.
 */
export function toJson(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: nameOfNumber(value) };
    case "undefined":
      return { $undefined: true };
    case "bigint":
      return { $bigint: String(value) };
    case "object":
      return value === null ? null : objectToJson(value);
    default:
      throw new TypeError(`no data: ${typeof value}`);
  }
}

function nameOfNumber(number: number): string {
  return Object.is(number, -0) ? "-0" : String(number);
}

function objectToJson(value: object): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return { $map: [...value].map(toJson) };
  if (value instanceof Set) return { $set: [...value].map(toJson) };
  if (value instanceof Uint8Array) return { $bytes: [...value] };
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => [key, toJson(member)]);
  return entries.some(([key]) => key.startsWith("$")) ? { $object: entries } : Object.fromEntries(entries);
}

/** The value of which {@link toJson} has made this one. */
function fromJson(json: unknown): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(fromJson);
  const entries = Object.entries(json);
  const [tag = "", content] = entries[0] ?? [];
  switch (tag) {
    case "$number":
      return Number(content);
    case "$undefined":
      return undefined;
    case "$bigint":
      return BigInt(content as string);
    case "$map":
      return new Map(fromJson(content) as [unknown, unknown][]);
    case "$set":
      return new Set(fromJson(content) as unknown[]);
    case "$bytes":
      return Uint8Array.from(content as number[]);
    case "$object":
      return Object.fromEntries((content as [string, unknown][]).map(([key, member]) => [key, fromJson(member)]));
    default:
      return Object.fromEntries(entries.map(([key, member]) => [key, fromJson(member)]));
  }
}
