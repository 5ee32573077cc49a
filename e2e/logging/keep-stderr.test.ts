/* flag-keep-stderr: standard error passes through runsv, which keeps the end of it. */
import { expect } from "vitest";
import { logged, logRun, shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";

const files = { "flag-keep-stderr": "" };

rigTest(
  "the last words on standard error of a service with a log are kept, and go where they went",
  ourSuites,
  async (rig) => {
    const run = shell("echo to the log", "printf 'half a line' >&2", "echo ', no disk' >&2", "exit 3");
    const web = rig.service("web", { run, log: { run: logRun }, files: { ...files, "restart-limit": "1 60" } });
    const runsv = await rig.runsv(web);
    await rig.until("it to be given up", () => rig.read(web.file("supervise/state.json")).includes("restart-limit"));
    await rig.until("its last words", () => rig.read(web.file("supervise/last-words")) !== "");
    expect(rig.read(web.file("supervise/last-words"))).toBe("half a line, no disk\n");
    await rig.until("what runsv has passed on", () => runsv.stderr().split("half a line, no disk\n").length === 3);
    await rig.until("the log", () => logged(rig, web).split("to the log\n").length === 3);
    expect(logged(rig, web)).not.toContain("no disk");
    const { stdout } = await rig.run("sv", ["show", "web"]);
    expect(stdout).toMatch(/\n last lines: to the log\n {13}to the log\n {13}half a line, no disk\n/);
  },
);

rigTest("bytes pass before their line ends, and a reader that is slow loses none", ourSuites, async (rig) => {
  const script = ["printf ready? >&2", "while ! test -e go; do sleep 0.02; done", "seq 1 100000 >&2", "echo >done"];
  const web = rig.service("web", { run: shell(...script, "exec sleep 600"), files });
  const runsv = await rig.runsv(web);
  await rig.until("the half line", () => runsv.stderr() === "ready?");
  await rig.run("touch", [web.file("go")]);
  await rig.until("the last line", () => runsv.stderr().endsWith("\n100000\n"));
  const numbers = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join("");
  expect(runsv.stderr()).toBe(`ready?${numbers}`);
});

rigTest("a runsv that is killed ends nobody, and the next one passes on what waits", ourSuites, async (rig) => {
  const script = ["echo first >&2", "while ! test -e go; do sleep 0.02; done", "echo second >&2", "echo >written"];
  const web = rig.service("web", { run: shell(...script, "exec sleep 600"), log: { run: logRun }, files });
  const first = await rig.runsv(web);
  await rig.until("the first line", () => first.stderr() === "first\n");
  const { pid } = web.supervise.status();
  first.kill("SIGKILL");
  await rig.result(first);
  await rig.run("touch", [web.file("go")]);
  await rig.until("the second line to be written", () => rig.read(web.file("written")) !== "");
  const second = await rig.runsv(web);
  await rig.until("the second line", () => second.stderr() === "second\n");
  expect(web.supervise.status()).toMatchObject({ pid, state: "run" });
});
