import type { Looking } from "@upkeep/client/look/snapshot";
import { createDiagnostics } from "@upkeep/program/messages/diagnostics";

/** So many different warnings are written. */
const mostWarnings = 100;
const said = new Set<string>();
const { warning } = createDiagnostics("upkeep web");

/** How this server looks at services: it never waits without serving others, and says each thing once. */
export const looking: Looking = {
  warn: (message) => {
    if (said.has(message) || said.size >= mostWarnings) return;
    said.add(message);
    warning(message);
  },
  wait: 0,
};
