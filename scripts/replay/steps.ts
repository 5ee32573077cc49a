import { step as stepMyInit } from "../../packages/my_init/src/core/step.ts";
import { step as stepRunit } from "../../packages/runit/src/core/stages.ts";
import { step as stepRunsv } from "../../packages/runsv/src/core/supervisor.ts";
import { step as stepRunsvdir } from "../../packages/runsvdir/src/core/step.ts";
import type { StepFunction } from "./replay.ts";

/** The programs that are state machines. */
export const steps: Readonly<Record<string, StepFunction>> = {
  my_init: stepMyInit as StepFunction,
  runit: stepRunit as StepFunction,
  runsv: stepRunsv as StepFunction,
  runsvdir: stepRunsvdir as StepFunction,
};
