import { isGettingReady, isJobDone, isLogBroken, isReturning } from "@upkeep/client/core/health";
import type { Snapshot } from "@upkeep/client/core/json";

/** `bad` needs somebody, `busy` is on its way, `good` is well, `off` is down because it is wanted down. */
export type Mood = "bad" | "busy" | "good" | "off";

/** A state in a word, and what to think of it. */
export interface Judgement {
  readonly word: string;
  readonly mood: Mood;
}

/** The state of a service for the table. A log service that is broken is worse than any state that needs nobody. */
export function judge(snapshot: Snapshot, nowSeconds: number): Judgement {
  const own = judgeAlone(snapshot, nowSeconds);
  return own.mood !== "bad" && isLogBroken(snapshot.log, nowSeconds) ? { word: "log fails", mood: "bad" } : own;
}

function judgeAlone({ state }: Snapshot, nowSeconds: number): Judgement {
  if (!("record" in state)) return { word: "unsupervised", mood: "bad" };
  const { record, details } = state;
  if (details.failed !== null) return { word: "failed", mood: "bad" };
  if ((details.waitingFor?.length ?? 0) > 0) return { word: "waiting", mood: "busy" };
  if (isJobDone(record, details)) return { word: "done", mood: "good" };
  if (record.state === "finish") return { word: "ending", mood: "busy" };
  if (record.state === "down") {
    return record.want === "up" ? { word: "restarting", mood: "busy" } : { word: "down", mood: "off" };
  }
  if (record.want === "down" && details.once !== true) return { word: "stopping", mood: "busy" };
  if (record.paused) return { word: "paused", mood: "busy" };
  if (isGettingReady(details)) return { word: "starting", mood: "busy" };
  const word = details.ready === true && details.readiness !== null ? "ready" : "up";
  return { word, mood: isReturning(record, details, nowSeconds) ? "busy" : "good" };
}
