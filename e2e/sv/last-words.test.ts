/* What is left of starts that have failed: their last words, and the history of ends. */
import { statSync } from "node:fs";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { Terminal } from "../rig/process/terminal.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";

interface History {
  readonly ends: readonly { readonly code: number | null; readonly ranMillis: number; readonly ready: boolean }[];
}

const failing = shell("echo starting", "echo 'no database: \\033[2J' >&2", "exit 3");

rigTest("the last words of a start that fails are kept, and sv log shows them", ourSuites, async (rig) => {
  const web = rig.service("web", { run: failing, files: { "log-prefix": "", "restart-limit": "1 60" } });
  await rig.runsv(web);
  const words = web.file("supervise/last-words");
  await rig.until("the service to be given up", () =>
    rig.read(web.file("supervise/state.json")).includes("restart-limit"),
  );
  await rig.until("its last words", () => rig.read(words) !== "");
  expect(rig.read(words)).toBe("starting\nno database: \u001b[2J\n");
  expect(statSync(words).mode & 0o777).toBe(0o600);
  const answer = await sv(rig, ["log", "web"]);
  expect([answer.code, answer.stderr]).toEqual([1, "warning: web: no log found; its last words:\n"]);
  expect(answer.stdout).toBe(rig.read(words));
});

rigTest("the last 20 ends are on record, also beyond the runsv that saw them", ourSuites, async (rig) => {
  const web = rig.service("web", { run: shell("exit 3"), files: { "restart-delay": "1" } });
  const read = (): History["ends"] => {
    const text = rig.read(web.file("supervise/history.json"));
    return text === "" ? [] : (JSON.parse(text) as History).ends;
  };
  const runsv = await rig.runsv(web);
  await rig.until("20 ends", () => read().length === 20);
  runsv.kill("SIGTERM");
  await rig.result(runsv);
  expect(read()).toHaveLength(20);
  expect(read()[5]).toMatchObject({ code: 3, signal: null, ready: true });
});

rigTest("sv log --run shows the lines of one run", ourSuites, async (rig) => {
  const log = { run: shell("mkdir -p main", "exec svlogd -ttt main") };
  const web = rig.service("web", {
    run: shell("n=$(cat n 2>/dev/null)", "echo run$n", "echo ${n}1 >n", "exec sleep 600"),
    log,
  });
  await rig.runsv(web);
  for (const wanted of ["run\n", "run1\n", "run11\n"]) {
    await rig.until(wanted, () => rig.read(web.file("log/main/current")).endsWith(wanted));
    if (wanted !== "run11\n") web.supervise.control("t");
  }
  const linesOf = async (run: string): Promise<string> => {
    const { stdout } = await rig.run("sv", ["log", "--json", "--run", run, "web"]);
    return stdout.replaceAll(/.*"line":"(.*)"}/g, "$1");
  };
  expect([await linesOf("last"), await linesOf("2"), await linesOf("3")]).toEqual(["run11\n", "run1\n", "run\n"]);
  const { code, stderr } = await rig.run("sv", ["log", "--run", "4", "web"]);
  expect([code, stderr]).toEqual([1, "warning: web: only the last 3 runs are on record\n"]);
});

rigTest(
  "sv start on a terminal says why a service does not come up, and obeys nothing in it",
  ourSuites,
  async (rig) => {
    // Without declared readiness, a slow machine would see it up for long enough.
    const files = { "log-prefix": "", "notification-fd": "3", "restart-limit": "1 60", down: "" };
    const web = rig.service("web", { run: failing, files });
    await rig.runsv(web);
    using terminal = await Terminal.open(rig, "sv start web");
    await rig.result(terminal.command);
    const screen = terminal.screen();
    expect(screen).toContain("fail: down: web: ");
    expect(screen).toMatch(/^web: .\/run exited 3 after \d+ ms; its last lines:$/m);
    expect(screen).toContain("  starting\n  no database: \\x1b[2J\nsee: sv log --run last web\n");
  },
);
