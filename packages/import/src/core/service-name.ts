/** Longest name of a file, in bytes, on any file system of Linux. */
const longest = 255;

/** What is wrong with a name for a service directory, in words that follow "the name"; null if nothing is. */
export function problemOfName(name: string): string | null {
  if (name === "") return "is empty";
  if (name.includes("/")) return "has a slash";
  if (name.startsWith(".")) return "begins with a dot, which runsvdir does not supervise";
  if (name.startsWith("-")) return "begins with a dash, which sv takes for an option";
  // The name must stand on one line wherever it is shown.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name)) return "has a control character";
  if (new TextEncoder().encode(name).length > longest) return `has more than ${longest} bytes`;
  return null;
}
