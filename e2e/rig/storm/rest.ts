/* Whether a service has come to rest as it should, and whether what stands in its supervise directory is legal. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, processState } from "../process/processes.ts";
import { SuperviseDirectory } from "../runit/supervise.ts";
import type { Expected } from "./plan.ts";

const statText = /^(?:down|run|finish)(?:, paused)?(?:, got TERM)?(?:, want (?:down|exit))?\n$/;

/** What is not as expected of a service at rest; undefined when all is. */
export function unrest(directory: string, { want, isHidden }: Expected): string | undefined {
  const own = unrestOf(join(directory, "supervise"), isHidden ? "gone" : want);
  return own ?? unrestOf(join(directory, "log/supervise"), isHidden ? "gone" : "up");
}

function unrestOf(path: string, want: "up" | "down" | "gone"): string | undefined {
  if (!existsSync(join(path, "status"))) return want === "gone" ? undefined : `${path}: no status`;
  const supervise = new SuperviseDirectory(path);
  const { state, pid, paused, gotTerm } = supervise.status();
  const found = `${path}: ${supervise.stat()}, pid ${pid} ${processState(pid) ?? "gone"}`;
  if (supervise.isSupervised() === (want === "gone")) return `${found}, supervised: ${want === "gone"}`;
  if (want !== "up") return state === "down" ? undefined : found;
  const isUp = state === "run" && isAlive(pid) && processState(pid) !== "T" && !paused && !gotTerm;
  return isUp ? undefined : found;
}

/** What is illegal in the supervise directories of a service. */
export function illegal(directory: string): readonly string[] {
  return ["supervise", "log/supervise"].flatMap((name) => {
    const path = join(directory, name);
    // A supervisor that comes to a directory writes `status` first, so that sv finds it, and the rest with its first start.
    if (!existsSync(join(path, "stat"))) return [];
    try {
      const { seconds, nanoseconds, pid, state } = new SuperviseDirectory(path).status();
      const stat = readFileSync(join(path, "stat"), "utf8");
      const text = readFileSync(join(path, "pid"), "utf8");
      const age = Date.now() / 1000 - seconds;
      const isLegal = nanoseconds < 1e9 && (pid === 0) === (state === "down") && age > -2 && age < 86_400;
      return isLegal && statText.test(stat) && /^(?:\d+\n)?$/.test(text) ? [] : [`${path}: ${state} ${pid} ${stat}`];
    } catch (error) {
      return [`${path}: ${String(error)}`];
    }
  });
}
