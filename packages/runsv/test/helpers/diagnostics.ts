import type { Diagnostics } from "@upkeep/program/messages/diagnostics";

/** Diagnostics that write nothing, and what was said with them, oldest first. */
export interface RecordedDiagnostics {
  readonly say: Diagnostics;
  readonly said: string[];
}

export function recordDiagnostics(): RecordedDiagnostics {
  const said: string[] = [];
  const say: Diagnostics = {
    fatal: (message) => void said.push(`fatal: ${message}`),
    warning: (message) => void said.push(`warning: ${message}`),
  };
  return { say, said };
}
