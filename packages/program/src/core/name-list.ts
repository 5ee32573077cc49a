/** Longest list of names in a message. */
const namesShown = 8;

/** Names for a message: all of them while they are few. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, namesShown).join(", ");
  const rest = names.length - namesShown;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
