/* Logs by upkeep web: through rotations, of any size and content, to readers of any speed. */
import { appendFileSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { WebServer } from "../rig/process/web-server.ts";
import { logRun, shell } from "../rig/runit/available.ts";
import { webSuites } from "../rig/runit/web-suites.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";

const path = "/api/v1/services/web/log";

/** A service without a supervisor, whose log is this. */
function logOf(rig: TestRig, content: string): { readonly web: ScriptedService; readonly current: string } {
  const web = rig.service("web", { log: { run: logRun } });
  mkdirSync(web.file("log/main"));
  const current = web.file("log/main/current");
  writeFileSync(current, content);
  return { web, current };
}

function memoryOf(pid: number): number {
  return Number(/^Private_Dirty:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) / 1024;
}

rigTest(
  "a log is followed through rotations, and by a reader that comes back; nothing is lost or repeated",
  webSuites,
  async (rig) => {
    const count = 6000;
    // Each line is longer than what it says, so that it is rotated dozens of times.
    const run = shell(
      "exec 2>&1",
      "while ! [ -e go ]; do sleep 0.02; done",
      `exec perl -e '$| = 1; for (1 .. ${count}) { print "line $_ ", "x" x 60, "\\n"; select(undef, undef, undef, 0.002) if $_ % 20 == 0 } sleep 1000'`,
    );
    const web = rig.service("web", {
      run,
      log: { run: shell("mkdir -p main", "printf 's20000\\nn100\\n' >main/config", "exec svlogd -tt main") },
    });
    await rig.runsv(web);
    await web.logStat("run");
    const server = await WebServer.start(rig);
    await rig.until("the log", () => rig.exists(web.file("log/main/current")));
    const whole = server.follow(path);
    await whole.wait("its beginning", () => whole.of("reset").length === 1);
    writeFileSync(web.file("go"), "");
    const numbers = (lines: readonly { readonly line: string }[]): readonly number[] =>
      lines.map(({ line }) => Number(/^line (\d+)/.exec(line)?.[1]));
    // A second reader is cut off again and again.
    const parts: number[] = [];
    let lastId = "";
    for (let turn = 1; turn <= 5; turn++) {
      const part = server.follow(`${path}?lines=all`, lastId === "" ? {} : { "Last-Event-ID": lastId });
      await part.wait(`part ${turn}`, () => {
        const last = numbers(part.lines()).at(-1) ?? parts.at(-1) ?? 0;
        return last >= (turn * count) / 5;
      });
      parts.push(...numbers(part.lines()));
      if (turn > 1) expect([turn, part.of("reset")]).toEqual([turn, []]);
      lastId = part.lastId ?? lastId;
      part.close();
    }
    await whole.wait("its end", () => numbers(whole.lines()).at(-1) === count);
    const all = Array.from({ length: count }, (_, index) => index + 1);
    expect(numbers(whole.lines())).toEqual(all);
    expect(parts).toEqual(all);
    expect(rig.exists(web.file("log/main/current"))).toBe(true);
    const asked = await server.ask(`${path}?lines=all`);
    expect(asked.text.trimEnd().split("\n")).toHaveLength(count);
  },
);

rigTest("the first short line comes at once, and each of both streams under its name", ourSuites, async (rig) => {
  const run = shell("echo a", "echo failed because of b >&2", "sleep 0.1", "exit 3");
  const web = rig.service("web", {
    run,
    files: { "flag-keep-stderr": "", "restart-delay": "60000" },
    log: { run: logRun },
  });
  await rig.runsv(web);
  const server = await WebServer.start(rig);
  const reader = server.follow(path);
  await reader.wait("both", () => reader.lines().length === 2);
  expect(reader.lines().map(({ line, stream }) => [line, stream])).toEqual([
    ["a", "out"],
    ["failed because of b", "err"],
  ]);
  for (const { time } of reader.lines()) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
});

rigTest(
  "a log of HTML and escape sequences is data, and commands neither browser nor terminal",
  ourSuites,
  async (rig) => {
    const evil = [
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(1)>",
      "\u001b]0;owned\u0007\u001b[31mred",
      "\u009b2J",
      "a\u2028b",
      "\u202etxt",
      "data: x",
      "\r",
    ];
    logOf(rig, `${evil.join("\n")}\n`);
    const server = await WebServer.start(rig);
    const reader = server.follow(path);
    await reader.wait("all lines", () => reader.lines().length === evil.length);
    expect(reader.lines().map(({ line }) => line)).toEqual(evil);
    const { text, headers } = await server.ask(path);
    // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["content-type"]).toBe("application/x-ndjson; charset=utf-8");
    const saved = await server.ask(`${path}?format=text`);
    expect(saved.text).toBe(`${evil.join("\n")}\n`);
    expect(saved.headers["content-disposition"]).toBe('attachment; filename="web.log"');
    expect(saved.headers["content-type"]).toBe("text/plain; charset=utf-8");
  },
);

rigTest(
  "of a log of a gigabyte the last lines come at once, and others are served while all of it is searched",
  ourSuites,
  async (rig) => {
    const { current } = logOf(rig, "first\n");
    // Nothing of it takes room.
    truncateSync(current, 2 ** 30);
    appendFileSync(current, "\nneedle one\nneedle two\n");
    expect(statSync(current).size).toBeGreaterThan(2 ** 30);
    const server = await WebServer.start(rig);
    const before = memoryOf(server.pid);
    const last = await server.ask(`${path}?lines=2`);
    expect(
      last.text
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { line: string }).line),
    ).toEqual(["needle one", "needle two"]);
    const search = server.ask(`${path}?contains=needle`);
    const other = server.ask("/api/v1/services");
    const first = await Promise.race([search.then(() => "search"), other.then(() => "other")]);
    expect(first).toBe("other");
    expect((await search).text.trimEnd().split("\n")).toHaveLength(2);
    // A reader that reads nothing holds up nobody, and fills no memory.
    const lazy = server.connect();
    lazy.pause();
    lazy.write(`GET ${path}?lines=all HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    for (let count = 0; count < 50; count++) expect((await server.ask("/api/v1/services")).status).toBe(200);
    expect(memoryOf(server.pid) - before).toBeLessThan(60);
    lazy.destroy();
  },
);

rigTest(
  "the end of a log of a million lines comes before a search of it is over, which finds each line that it should",
  ourSuites,
  async (rig) => {
    const { current } = logOf(rig, "");
    const count = 1_000_000;
    const lineOf = (number: number): string => `${number} ${number % 250_000 === 0 ? "needle" : "x".repeat(40)}`;
    for (let from = 1; from <= count; from += 100_000) {
      const lines = Array.from({ length: 100_000 }, (_, index) => `${lineOf(from + index)}\n`);
      appendFileSync(current, lines.join(""));
    }
    const server = await WebServer.start(rig);
    const order: string[] = [];
    const search = server.ask(`${path}?contains=needle`).then((answer) => (order.push("search"), answer));
    const last = await server.ask(`${path}?lines=1&format=text`);
    order.push("end");
    expect(last.text).toBe(`${lineOf(count)}\n`);
    for (let turn = 1; turn <= 3; turn++) expect((await server.ask("/api/v1/services")).status).toBe(200);
    order.push("others");
    const found = (await search).text.trimEnd().split("\n");
    expect(found.map((line) => (JSON.parse(line) as { line: string }).line)).toEqual(
      [250_000, 500_000, 750_000, count].map(lineOf),
    );
    expect(order).toEqual(["end", "others", "search"]);
  },
);

rigTest(
  "a service whose lines go to its supervisor has no log here, and the reason is told",
  ourSuites,
  async (rig) => {
    rig.service("web", { files: { "log-prefix": "" } });
    const server = await WebServer.start(rig);
    const reader = server.follow(path);
    const problem = await reader.wait("why there is none", () => reader.of<{ message: string }>("problem")[0]);
    expect(problem.message).toBe(
      "it has a log-prefix instead of a log: its lines are in the output of its supervisor, and not kept here",
    );
  },
);

rigTest(
  "a log that is not there yet is waited for, and a query that makes no sense is refused",
  ourSuites,
  async (rig) => {
    const web = rig.service("web");
    const server = await WebServer.start(rig);
    const reader = server.follow(path);
    const problem = await reader.wait("why there is none", () => reader.of<{ message: string }>("problem")[0]);
    expect(problem.message).toContain(`no log found; looked at ${web.file("log/main")}`);
    mkdirSync(web.file("log/main"), { recursive: true });
    writeFileSync(web.file("log/main/current"), "now\n");
    await reader.wait("its line", () => reader.lines().some(({ line }) => line === "now"));
    for (const query of ["lines=x", "since=someday", "path=/etc/passwd", "run=0"])
      expect([query, (await server.ask(`${path}?${query}`)).status]).toEqual([query, 400]);
    const none = await server.ask(`${path}?run=last`);
    expect([none.status, none.text]).toEqual([200, ""]);
  },
);
