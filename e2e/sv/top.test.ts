/* sv top on a terminal: what it shows, what its keys do, and how it leaves the terminal. */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { childrenOf, isAlive } from "../rig/process/processes.ts";
import { needsScreen, Screen, type ScreenOptions } from "../rig/process/screen.ts";
import { logRun, shell } from "../rig/runit/available.ts";
import { withStock } from "../rig/runit/sv.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";

const needs = { needs: needsScreen };
/** A service that writes its pid, and a line whenever it gets HUP. */
const talking = shell('trap "echo line after HUP" HUP', 'echo "started as $$"', "while :; do sleep 600 & wait; done");

async function twoServices(rig: TestRig): Promise<{ readonly web: ScriptedService; readonly db: ScriptedService }> {
  const web = rig.service("web", { run: talking, log: { run: logRun } });
  const db = rig.service("db\u001b[31m", { run: shell("exec sleep 600") });
  for (const service of [web, db]) await rig.runsv(service);
  await rig.until("the services", async () => (await rig.run("sv", ["list"])).stdout.split("run ").length === 3);
  return { web, db };
}

/** Starts `sv top` in a shell, which then says how the terminal was before and is after it. */
async function top(rig: TestRig, options: ScreenOptions = {}): Promise<Screen> {
  const screen = await Screen.open(rig, options);
  await screen.press("stty -g >../before; sv top; code=$?; stty -g >../after; clear; echo ended $code", "Enter");
  await screen.shows("the table", /^SERVICE.*STATE/m);
  return screen;
}

async function isAsBefore(rig: TestRig, screen: Screen): Promise<void> {
  expect(rig.read(rig.path("after"))).toBe(rig.read(rig.path("before")));
  expect(await screen.mode()).toEqual({ isAlternate: false, hasCursor: true });
}

rigTest(
  "sv top lists, sorts, filters, follows a log, explains its keys, and leaves the terminal as it was",
  withStock,
  async (rig) => {
    await twoServices(rig);
    const screen = await top(rig);
    const first = await screen.shows("what they use", /^web +run +up .* \d+\.\d .*M/m);
    expect(first).toMatch(/^SERVICE▼.*\ndb\\x1b\[31m +run .*\nweb +run /m);
    expect(first).toMatch(/^sv top · 2 services · 2 up · \//);
    expect(await screen.mode()).toEqual({ isAlternate: true, hasCursor: false });
    await screen.press("I");
    await screen.shows("the other order", /^web .*\ndb/m);
    await screen.press("/", "we", "Enter");
    await screen.shows("one service", /filter: we.*\nSERVICE.*\nweb .*\n\n/);
    await screen.press("l");
    await screen.shows("its log", /log of web \(follows\).*\n\d\d:\d\d:\d\d started as \d+$/m);
    await screen.press("!", "h", "y");
    await screen.shows("what came", /\d\d:\d\d:\d\d line after HUP$/m);
    await screen.press("?");
    await screen.shows("the help", /start +as sv start does/);
    await screen.press("x", "q");
    await screen.shows("the end", /ended 0/);
    await isAsBefore(rig, screen);
  },
  needs,
);

rigTest(
  "sv top restarts after a question, copies, shows the pager, and is suspended and resumed",
  ourSuites,
  async (rig) => {
    const { web } = await twoServices(rig);
    const screen = await top(rig, { env: { PAGER: "cat; echo PAGED; read answer </dev/tty; true" } });
    const { pid } = web.supervise.status();
    await screen.press("End", "r");
    await screen.shows("the question", /^restart web\? y: yes/m);
    await screen.press("n");
    await screen.shows("that nothing was done", /^nothing was done/m);
    expect(web.supervise.status().pid).toBe(pid);
    await screen.press("r", "y");
    await rig.until(
      "another process",
      () => web.supervise.status().pid !== pid && web.supervise.status().state === "run",
    );
    await screen.shows("the restart", /^web +run +up +yes +\d+s +1 /m);
    await screen.press("y");
    await rig.until("the copy", async () => /^SERVICE.*\nweb +run/.test(await screen.clipboard()));
    await screen.press("o");
    await screen.shows("the pager", /● web - up[^]*PAGED/);
    await screen.press("Enter");
    await screen.shows("the table again", /^SERVICE/m);
    await screen.press("C-z");
    await screen.shows("the shell", /ended 148/);
    expect((await screen.mode()).isAlternate).toBe(false);
    await screen.press("fg", "Enter");
    await screen.shows("the table once more", /^SERVICE[^]*^web/m);
    await screen.resize(120, 30);
    await screen.shows("a wider table", /^SERVICE.*MEMORY {10}/m);
    await screen.press("q");
    await rig.until("the end", async () => !(await screen.mode()).isAlternate);
  },
  needs,
);

rigTest(
  "sv top gives the terminal back when it is killed, and ends when the terminal goes",
  ourSuites,
  async (rig) => {
    await twoServices(rig);
    const screen = await top(rig);
    const running = async (): Promise<number> => childrenOf(await screen.shell())[0] ?? 0;
    for (const signal of ["TERM", "HUP", "INT"]) {
      await rig.run("kill", [`-${signal}`, String(await running())]);
      await rig.until("the end", async () => !(await screen.mode()).isAlternate);
      await screen.press("stty -g >../after; clear; echo as it is", "Enter");
      await screen.shows("the shell", /^as it is/m);
      await isAsBefore(rig, screen);
      await screen.press("clear; sv top", "Enter");
      await screen.shows("the table", /^SERVICE/m);
    }
    const last = await running();
    expect(isAlive(last)).toBe(true);
    await screen.hangUp();
    await rig.until("the end of sv top", () => !isAlive(last));
  },
  needs,
);

rigTest(
  "sv top works without colours and in ASCII, and says why it cannot work without a terminal",
  ourSuites,
  async (rig) => {
    await twoServices(rig);
    const screen = await top(rig, { term: "vt100" });
    await screen.shows("what they use", /^web +run .* \d+\.\d .*M/m);
    const styled = await screen.styled();
    // oxlint-disable-next-line no-control-regex -- bold, reverse, and what tmux puts around them
    expect(styled.replaceAll(/\x1b\[(?:0|1|7|0;1|0;7|39|49)?m/g, "")).not.toMatch(/[\x1b\x80-\uffff]/);
    await screen.press("q");
    const { code, stdout, stderr } = await rig.run("sv", ["top"]);
    expect([code, stdout, stderr]).toEqual([100, "", "sv: fatal: top needs a terminal; see sv list --wide\n"]);
  },
  needs,
);
