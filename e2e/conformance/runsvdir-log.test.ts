import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { processGroup, commandLine, sessionOf } from "../rig/process/processes.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";

line("DIR-15", "gives each runsv a session and group of its own with -P", {
  test: async (rig) => {
    rig.service("web");
    rig.service("db");
    const { pid } = startRunsvdir(rig, { words: ["-P"] });
    const runsv = Object.values(await runsvToBe(rig, pid, "web", "db"));
    expect(runsv.map((one) => [processGroup(one), sessionOf(one)])).toEqual(runsv.map((one) => [one, one]));
  },
});

line("DIR-15", "shares its session and group with each runsv without -P", {
  test: async (rig) => {
    rig.service("web");
    const { pid } = startRunsvdir(rig);
    const { web = 0 } = await runsvToBe(rig, pid, "web");
    expect([processGroup(web), sessionOf(web)]).toEqual([pid, pid]);
  },
});

line("DIR-16", "does without a log of six characters, and says so", {
  test: async (rig) => {
    const web = rig.service("web");
    const runsvdir = startRunsvdir(rig, { log: "log: x" });
    await runsvToBe(rig, runsvdir.pid, "web");
    const warnings = ["log must have at least seven characters.", "log service disabled."];
    const said = warnings.map((text) => `runsvdir ${rig.services}: warning: ${text}\n`).join("");
    expect(runsvdir.stderr()).toBe(said);
    await web.run.tell("complain hello");
    await rig.until("the service's own words", () => runsvdir.stderr() === `${said}hello\n`);
    expect(commandLine(runsvdir.pid).at(-1)).toBe("log: x");
  },
});

line("DIR-16", "accepts a log of seven characters", {
  test: async (rig) => {
    const web = rig.service("web");
    const runsvdir = startRunsvdir(rig, { log: "log: xy" });
    await runsvToBe(rig, runsvdir.pid, "web");
    await web.run.tell("complain a");
    await rig.until("the window", () => commandLine(runsvdir.pid).at(-1) === "log: a\n");
    expect(runsvdir.stderr()).toBe("");
  },
});

line("DIR-17", "shows the latest errors of its services at the end of its command line", {
  test: async (rig) => {
    const web = rig.service("web");
    const db = rig.service("db");
    const log = `log: ${".".repeat(60)}`;
    const runsvdir = startRunsvdir(rig, { log });
    await runsvToBe(rig, runsvdir.pid, "web", "db");
    const shown = (): string => commandLine(runsvdir.pid).at(-1) ?? "";
    await web.run.tell("complain first words");
    await rig.until("the first words", () => shown() === `log: ${".".repeat(60 - 12)}first words\n`);
    await db.run.tell("complain second words");
    await rig.until(
      "the second words",
      () => shown() === `log: ${".".repeat(60 - 12 - 13)}first words\nsecond words\n`,
    );
    await web.run.tell(`complain ${"x".repeat(100)}`);
    await rig.until("the last words", () => shown() === `log: ${"x".repeat(59)}\n`);
    // runsvdir does not touch the standard output of services.
    await web.run.tell("line hello");
    await rig.until("the service's output", () => runsvdir.stdout() === "hello\n");
    expect(runsvdir.stderr()).toBe("");
    expect(shown()).toBe(`log: ${"x".repeat(59)}\n`);
  },
});
