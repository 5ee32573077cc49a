import { dirname } from "node:path";

import type { Scenario } from "../scenarios/scenario.ts";
import { systemPath } from "../suites/system-path.ts";
import { runTimed } from "../trial/timed-command.ts";
import type { UserChanger } from "./user-changers.ts";

const metric = "start as another user";
const user = "nobody";

/** What a run script waits for before its service starts. */
export const start: Scenario<UserChanger> = {
  name: "chpst",
  title: "true as another user, whole command",
  rows: [
    {
      metric,
      label: "mean of 50 calls in a row",
      unit: "ms",
      statistic: "median",
      budget: { atMost: { standalone: 15 } },
    },
  ],
  async measure(contender, { isQuick }) {
    const calls = isQuick ? 10 : 50;
    const { file, args } = contender.command(user, "/bin/true");
    const loop = `i=0; while [ $i -lt ${calls} ]; do "$@" || exit; i=$((i + 1)); done`;
    const environment = { PATH: `${dirname(process.execPath)}:${systemPath}` };
    const { startedAt, endedAt } = await runTimed(
      { file: "/bin/sh", args: ["-c", loop, "sh", file, ...args] },
      environment,
    );
    return { [metric]: [(endedAt - startedAt) / calls] };
  },
};
