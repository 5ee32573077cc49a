/* A runsv that is killed, and the next one. */
import type { TestRig } from "../core/test-rig.ts";
import type { RunningCommand } from "../process/running-command.ts";
import type { ScriptedService } from "../scripted/service.ts";
import { supervisorOf } from "./state-json.ts";

/**
 * Kills the runsv of a service once its state is on record, and starts another: of the same parent, unless `under` puts a
 * process in between.
 */
export async function replaceRunsv(
  rig: TestRig,
  service: ScriptedService,
  old: RunningCommand,
  under: readonly string[] = [],
): Promise<RunningCommand> {
  await recorded(rig, service);
  old.kill("SIGKILL");
  await rig.result(old);
  const before = supervisorOf(service);
  const next = await rig.runsv(service, { under });
  // What it has found is on record a moment after it can be told something.
  await rig.until("the next runsv to be on record", () => supervisorOf(service) !== before);
  return next;
}

/** Waits until `state.json`, which is written last, tells of the same state as `status`. */
export async function recorded(rig: TestRig, service: ScriptedService): Promise<void> {
  await rig.until("the state to be on record", () => service.supervise.isOnRecord());
}
