/*
 * When a service is ready: notification-fd, check and ready-after. dependencies.test.ts shows what depends on it.
 */
import { rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive } from "../rig/process/processes.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { stateJson, stateToBe } from "../rig/runit/state-json.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

rigTest("without any of the files a service is ready as soon as it runs", ourSuites, async (rig) => {
  const web = rig.service("web");
  await rig.runsv(web);
  await stateToBe(rig, web, { state: "run", ready: true, satisfied: true, readiness: null });
});

rigTest("ready-after and others: more than a timer of the runtimes can hold", ourSuites, async (rig) => {
  const longest = "9007199254740991";
  const web = rig.service("web", {
    files: { "ready-after": "3000000000", "restart-delay": `0 ${longest} 1`, "restart-limit": "2 3000000000" },
  });
  const runsv = await rig.runsv(web);
  await stateToBe(rig, web, { state: "run", ready: false, readiness: "ready-after" });
  for (let count = 1; count <= 3; count += 1) {
    await web.run.started(count);
    expect(stateJson(web)["ready"]).toBe(false);
    await web.run.exit(1);
  }
  const { failed } = await stateToBe(rig, web, { state: "down", failures: 3 });
  expect(failed).toMatchObject({ reason: "restart-limit" });
  expect(runsv.stderr()).toContain("3 failures within 3000000000 seconds");
  expect(runsv.stderr()).not.toContain("is not");
});

rigTest("notification-fd: ready with the newline, and unready again with each start", ourSuites, async (rig) => {
  const web = notifier(rig, "echo >&7; exec 7>&-");
  await rig.runsv(web);
  await stateToBe(rig, web, { state: "run", ready: false, readySince: null, readiness: "notification-fd" });
  allow(web);
  const { readySince, since } = await stateToBe(rig, web, { ready: true, satisfied: true });
  expect(String(readySince) >= String(since)).toBe(true);
  allow(web, false);
  web.supervise.control("k");
  await stateToBe(rig, web, { state: "run", starts: 2, ready: false, satisfied: false });
  allow(web);
  await stateToBe(rig, web, { starts: 2, ready: true });
});

rigTest("notification-fd: closing it without a newline is not readiness", ourSuites, async (rig) => {
  const web = notifier(rig, `printf 'not a line' >&7; exec 7>&-; echo closed > closed`);
  await rig.runsv(web);
  allow(web);
  await rig.until("the descriptor to be closed", () => rig.read(web.file("closed")));
  // runsv publishes the effect of this command after everything before it.
  web.supervise.control("p");
  await stateToBe(rig, web, { paused: true });
  expect(stateJson(web)["ready"]).toBe(false);
});

rigTest("notification-fd: it is the only descriptor the service has besides its three", ourSuites, async (rig) => {
  const web = rig.service("web", {
    run: { text: "#!/bin/sh\nls /proc/$$/fd > fds.new; mv fds.new fds; exec sleep 1000\n" },
    files: { "notification-fd": "7" },
  });
  await rig.runsv(web);
  const numbers = (await rig.until("the list", () => rig.read(web.file("fds")))).trim().split("\n").map(Number);
  // The shell has its script open as well, on a descriptor of its choice above 9.
  expect(numbers.filter((number) => number < 10)).toEqual([0, 1, 2, 7]);
});

rigTest("check: polled until it exits 0, and not run any more then", ourSuites, async (rig) => {
  const web = rig.service("web", {
    check: { text: `#!/bin/sh\necho run >> checks\necho noise; test -e ready\n` },
  });
  const runsv = await rig.runsv(web);
  const count = (): number => rig.read(web.file("checks")).split("\n").length - 1;
  await rig.until("three checks", () => count() >= 3);
  expect(stateJson(web)).toMatchObject({ ready: false, readiness: "check" });
  writeFileSync(web.file("ready"), "");
  await stateToBe(rig, web, { ready: true });
  const last = count();
  web.supervise.control("k");
  await stateToBe(rig, web, { starts: 2, ready: true });
  expect(count()).toBe(last + 1);
  expect([runsv.stdout(), runsv.stderr()]).toEqual(["", ""]);
});

rigTest("check: one that hangs holds nothing up, and ends with its run", ourSuites, async (rig) => {
  const web = rig.service("web", { check: ["ignore TERM"] });
  await rig.runsv(web);
  const { pid } = await web.check.started();
  expect(stateJson(web)["ready"]).toBe(false);
  web.supervise.control("d");
  await web.stat("down");
  await rig.until("the check to be gone", () => !isAlive(pid));
});

rigTest("check: one that may not be executed declares nothing", ourSuites, async (rig) => {
  const web = rig.service("web", { check: { text: "#!/bin/sh\nexit 1\n", mode: 0o644 } });
  const runsv = await rig.runsv(web);
  await stateToBe(rig, web, { state: "run", ready: true, readiness: null });
  web.supervise.control("k");
  await stateToBe(rig, web, { starts: 2, ready: true });
  expect(runsv.stderr()).toBe("runsv web: warning: check: is not executable, ignored\n");
});

for (const [what, text, why] of [
  [
    "whose lines end in CR LF",
    "#!/bin/sh\r\nexit 1\r\n",
    String.raw`its interpreter "/bin/sh\r" does not exist: its lines end in CR LF, make them end in LF`,
  ],
  ["without #!", "exit 1\n", 'it neither is a program nor begins with "#!", as in "#!/bin/sh"'],
] as const) {
  rigTest(`check: one ${what} cannot be run, and declares nothing`, ourSuites, async (rig) => {
    const web = rig.service("web", { check: { text } });
    const later = rig.service("later", { check: { text }, files: { "ready-after": "300" } });
    const runsv = await rig.runsv(web);
    await stateToBe(rig, web, { state: "run", ready: true, readiness: null });
    web.supervise.control("k");
    await stateToBe(rig, web, { starts: 2, ready: true, readiness: null });
    expect(runsv.stderr()).toBe(`runsv web: warning: unable to run ./check, ignored: ${why}\n`);
    await rig.runsv(later);
    await stateToBe(rig, later, { ready: true, readiness: "ready-after" });
  });
}

rigTest("check: one that is gone for a while is waited for", ourSuites, async (rig) => {
  const web = rig.service("web", {
    check: { text: "#!/bin/sh\nrm check\nexit 1\n" },
  });
  const runsv = await rig.runsv(web);
  // By now it has been tried many times.
  await rig.until("the complaint", () => runsv.stderr().includes("not ready after 30 s"));
  expect(stateJson(web)).toMatchObject({ state: "run", ready: false, readiness: "check" });
  expect(runsv.stderr()).toMatch(/^runsv web: warning: not ready after 30 s: [^\n]+\n$/);
  writeFileSync(web.file("check"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  await stateToBe(rig, web, { ready: true, readiness: "check" });
});

rigTest("ready-after: an uptime that counts as ready", ourSuites, async (rig) => {
  const web = rig.service("web", { files: { "ready-after": "300\n" } });
  await rig.runsv(web);
  const { since, readySince, readiness } = await stateToBe(rig, web, { ready: true });
  expect(readiness).toBe("ready-after");
  expect(Date.parse(String(readySince)) - Date.parse(String(since))).toBeGreaterThanOrEqual(290);
});

rigTest("the parent is told on UPKEEP_EVENTS_FD, of which the service sees nothing", ourSuites, async (rig) => {
  const web = rig.service("web", {
    run: { text: "#!/bin/sh\nenv > env.new; ls /proc/$$/fd >> env.new; mv env.new env; exec sleep 1000\n" },
  });
  const events = rig.path("events");
  const script = 'exec 9>>"$0"; UPKEEP_EVENTS_FD=9 exec "$@"';
  await rig.runsv(web, { under: ["sh", "-c", script, events] });
  const seen = await rig.until("the environment", () => rig.read(web.file("env")));
  expect(seen).not.toContain("UPKEEP_EVENTS");
  expect(seen.split("\n")).not.toContain("9");
  web.supervise.control("k");
  const lines = await rig.until("four events", () => {
    const all = rig.read(events).trimEnd().split("\n");
    return all.length >= 4 ? all : undefined;
  });
  const common = { service: "web", directory: "web", critical: false };
  expect(lines.slice(0, 4).map((line) => JSON.parse(line) as unknown)).toEqual([
    { event: "ready", ...common, code: null, signal: null },
    { event: "unready", ...common, code: null, signal: null },
    { event: "exit", ...common, code: null, signal: 9 },
    { event: "ready", ...common, code: null, signal: null },
  ]);
});

/** A service that uses its notification descriptor 7 when the test allows it. */
function notifier(rig: TestRig, act: string): ScriptedService {
  const text = `#!/bin/sh\nwhile ! test -e allowed; do sleep 0.02; done\n${act}\nexec sleep 1000\n`;
  return rig.service("web", { run: { text }, files: { "notification-fd": "7\n" } });
}

function allow(web: ScriptedService, isAllowed = true): void {
  if (isAllowed) writeFileSync(web.file("allowed"), "");
  else rmSync(web.file("allowed"));
}
