import { coldStart } from "./cold-start.ts";
import { crash } from "./crash.ts";
import { idle } from "./idle.ts";
import { memory } from "./memory.ts";
import { newService } from "./new-service.ts";
import { restart } from "./restart.ts";
import type { Scenario } from "./scenario.ts";
import { shutdown } from "./shutdown.ts";
import { status } from "./status.ts";

/** Everything that is measured, in the order of the table. */
export const allScenarios: readonly Scenario[] = [
  coldStart,
  crash,
  newService,
  restart,
  status,
  shutdown,
  memory,
  idle,
];
