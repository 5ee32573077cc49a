import type { Moment, Process } from "../../src/core/moment.ts";
import type { Slot, SlotName } from "../../src/core/slot.ts";
import { renderStatus, type Start, type Supervision } from "../../src/core/status.ts";
import type { Place } from "../../src/adopt/place.ts";
import { createSuperviseFiles, type SuperviseFiles } from "../../src/engine/supervise-files.ts";
import type { RealDirectory } from "./directories.ts";
import { World } from "./world.ts";

/** A slot of a real directory, and what is on record there. */
export interface RecordedPlace extends Place {
  readonly real: RealDirectory;
  readonly files: SuperviseFiles;
}

/** The supervisor that has left the records, and its run of the system. */
export const formerSupervision: Supervision = {
  system: "this run",
  superviseDirectory: null,
  logPipe: null,
  supervisor: { pid: 9, startTicks: 90, parent: "7 70", session: 5, group: 6 },
};

export function recordedPlace(real: RealDirectory, slot: SlotName = "service"): RecordedPlace {
  const files = createSuperviseFiles(real.directory, slot === "log" ? "log/" : "");
  files.openLock();
  return { real, files, slot, directory: real.directory, hasSession: true };
}

/** Puts on record what a former supervisor knew of a slot. */
export function record(
  { files }: RecordedPlace,
  slot: Slot,
  more: Partial<Supervision> = {},
  start: Start | null = null,
): void {
  files.publish(renderStatus(slot, "app", { ...formerSupervision, ...more }, start));
}

const running = new World({ log: "up" }).state;

/** A slot whose `./run` is this process. */
export function runningSlot(process: Process, name: SlotName = "service"): Slot {
  const slot = name === "log" ? (running.log ?? running.service) : running.service;
  return slot.state.kind === "run" ? { ...slot, state: { ...slot.state, process } } : slot;
}

/** A slot that ends its leftovers, the session of which was there at a moment since boot. */
export function slotWithLeftovers(group: number, groupAt: number): Slot {
  const world = new World({ leftovers: Infinity });
  world.end(world.process());
  const { service } = world.state;
  return service.state.kind === "leftovers" ? { ...service, state: { ...service.state, group, groupAt } } : service;
}

/** A slot whose `./run` has ended, and whose `./finish` has not been started for want of a process. */
export function endedSlot(): Slot {
  const world = new World({ hasFinish: true });
  world.end(world.process());
  const { service } = world.state;
  if (service.state.kind !== "finish") return service;
  const { since, startedAt, settings } = service.state;
  return { ...service, state: { kind: "ended", since, startedAt, settings, retryAt: 0 } };
}

/** A moment of the real clock since boot. */
export function momentAt(boot: number): Moment {
  return { wall: { seconds: 1_700_000_000, nanoseconds: 0 }, monotonic: boot, boot };
}
