/**
 * Where two values of JSON differ first, in words: `state.service.want: "up" was "down"`; null when they are the same.
 * The order of an object's members does not count.
 *
 * @param path names the values themselves.
 */
export function difference(path: string, recorded: unknown, replayed: unknown): string | null {
  if (!isObject(recorded) || !isObject(replayed) || Array.isArray(recorded) !== Array.isArray(replayed)) {
    return recorded === replayed ? null : `${path}: ${show(replayed)} was ${show(recorded)}`;
  }
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(replayed)])) {
    const found = difference(`${path}.${name}`, recorded[name], replayed[name]);
    if (found !== null) return found;
  }
  return null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
