/**
 * The number of a descriptor that our parent has given us, from a variable of the environment; null when that names none,
 * or standard input, output or error.
 */
export function descriptorIn(variable: string): number | null {
  const text = process.env[variable] ?? "";
  const fd = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return fd > 2 ? fd : null;
}
