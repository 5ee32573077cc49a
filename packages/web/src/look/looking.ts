import type { Looking } from "@upkeep/client/look/snapshot";

/** So many different warnings are written. */
const mostWarnings = 100;

/** How this server looks at services: it never waits without serving others, and says each thing once. */
export function createLooking(warning: (message: string) => void): Looking {
  const said = new Set<string>();
  const warn = (message: string): void => {
    if (said.has(message) || said.size >= mostWarnings) return;
    said.add(message);
    warning(message);
  };
  return { warn, wait: 0 };
}
