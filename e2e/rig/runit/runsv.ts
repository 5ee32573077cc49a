/* A runsv that is killed, and the next one. */
import type { TestRig } from "../core/test-rig.ts";
import type { RunningCommand } from "../process/running-command.ts";
import type { ScriptedService } from "../scripted/service.ts";

/** Kills the runsv of a service once its state is on record, and starts another. */
export async function replaceRunsv(
  rig: TestRig,
  service: ScriptedService,
  old: RunningCommand,
): Promise<RunningCommand> {
  await recorded(rig, service);
  old.kill("SIGKILL");
  await rig.result(old);
  return await rig.runsv(service);
}

/** Waits until `state.json`, which is written last, tells of the same state as `status`. */
export async function recorded(rig: TestRig, service: ScriptedService): Promise<void> {
  await rig.until("the state to be on record", () => service.supervise.isOnRecord());
}
