/* The executables for other machines: each runs a service through start, crash, restart, log and stop. */
import { execa } from "execa";
import { expect, test } from "vitest";
import { targets } from "../../scripts/release/targets.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { version } from "../rig/core/other-build.ts";
import { scratchDirectory } from "../rig/core/scratch.ts";
import { standalone } from "../rig/core/suites.ts";
import { waitLimit } from "../rig/core/until.ts";
import { machines } from "../rig/machines/machines.ts";

/** "$0" is a directory for the service and its log. It prints what the test expects, and nothing else. */
const life = `set -e
exec 2>&1
upkeep --version --json
mkdir -p "$0/service/.web/log" "$0/log"
printf '#!/bin/sh\\necho started\\nexec sleep 86400\\n' >"$0/service/.web/run"
printf '#!/bin/sh\\nexec svlogd %s/log\\n' "$0" >"$0/service/.web/log/run"
chmod +x "$0/service/.web/run" "$0/service/.web/log/run"
mv "$0/service/.web" "$0/service/web"
runsvdir "$0/service" &
runsvdir=$!
has() { [ "$(grep -cs "$1" "$2" || :)" = "$3" ]; }
until has started "$0/log/current" 1; do sleep 0.1; done
kill -9 "$(cat "$0/service/web/supervise/pid")"
until has started "$0/log/current" 2; do sleep 0.1; done
sv -w 100 restart "$0/service/web"
until has started "$0/log/current" 3; do sleep 0.1; done
sv -w 100 down "$0/service/web"
sv status "$0/service/web"
kill -HUP "$runsvdir"
wait "$runsvdir" || echo "runsvdir: $?"
until ! sv status "$0/service/web" >/dev/null; do sleep 0.1; done
cat "$0/log/current"`;

test("every target that is called tested is this machine, or has one here", () => {
  const tested = targets.filter(({ isTested }) => isTested).map(({ name }) => name);
  expect(tested.toSorted()).toEqual(["linux-x64", ...machines.map(({ target }) => target)].toSorted());
});

for (const machine of machines) {
  rigTest(
    `${machine.target} runs on ${machine.title}`,
    [standalone],
    async () => {
      using scratch = scratchDirectory();
      const { prefix, home } = await machine.prepare(scratch.path);
      const words = [...prefix, "sh", "-c", life, home];
      const { all } = await execa("env", words, { all: true, stdin: "ignore", timeout: 3 * waitLimit });
      expect(JSON.parse(all.split("\n", 1)[0] ?? "")).toMatchObject({ version, target: machine.target });
      const steady = all
        .replaceAll(home, "")
        .replaceAll(/\(pid \d+\)/g, "(pid N)")
        .replaceAll(/\b\d+s\b/g, "Ns");
      expect(steady.split("\n").slice(1)).toEqual([
        "ok: run: /service/web: (pid N) Ns",
        "ok: down: /service/web: Ns, normally up",
        "down: /service/web: Ns, normally up; run: log: (pid N) Ns",
        "runsvdir: 111",
        "started",
        "started",
        "started",
      ]);
    },
    { needs: machine.needs },
  );
}
