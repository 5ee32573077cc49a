import type { Outcome } from "./model.ts";

export function became(text: string): Outcome {
  return { kind: "became", text };
}

export function needless(text: string): Outcome {
  return { kind: "needless", text };
}

export function lost(means: string, instead: string): Outcome {
  return { kind: "lost", means, instead };
}

export function bad(problem: string): Outcome {
  return { kind: "bad", problem };
}
