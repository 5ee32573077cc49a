/* sv lint: the command around the rules, which packages/lint tests one by one. */
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { existsOnMachine } from "../rig/core/needs.ts";
import { ourSuites } from "../rig/core/suites.ts";

rigTest("sv lint tells errors from warnings by its exit code, and prints each finding once", ourSuites, async (rig) => {
  rig.service("web", { run: shell("my-daemon"), files: { "timeout-kill": "5s" } });
  rig.service("db", { run: shell("exec sleep 600") });
  const { code, stdout, stderr } = await rig.run("sv", ["lint"]);
  const web = rig.path("service/web");
  expect([code, stderr, stdout]).toEqual([
    1,
    "",
    `${web}/run:2: warning: my-daemon runs below the shell, which does not pass on signals; write exec my-daemon ... [no-exec]\n` +
      `${web}/timeout-kill:1: error: "5s" is ignored; write a number of milliseconds from 0 to 9007199254740991 [bad-value]\n`,
  ]);
  await rig.run("rm", [web + "/timeout-kill"]);
  expect((await rig.run("sv", ["lint", web])).code).toBe(0);
  expect((await rig.run("sv", ["lint", "--strict", web])).code).toBe(1);
  const json = await rig.run("sv", ["lint", "--json", rig.path("service")]);
  expect([json.code, JSON.parse(json.stdout)]).toMatchObject([
    0,
    { version: 1, findings: [{ rule: "no-exec", severity: "warning", file: `${web}/run`, line: 2 }] },
  ]);
});

rigTest("sv lint says what is wrong with its command line, and with a directory", ourSuites, async (rig) => {
  const bad = await rig.run("sv", ["lint", "--loud"]);
  expect([bad.code, bad.stdout]).toEqual([100, ""]);
  expect(bad.stderr).toMatch(/^sv lint: illegal option -- loud\nusage: sv lint \[--json\]/);
  const none = await rig.run("sv", ["lint", rig.path("none")]);
  expect([none.code, none.stderr]).toEqual([
    100,
    `fatal: unable to open directory ${rig.path("none")}: file does not exist\n`,
  ]);
});

rigTest(
  "sv lint finds nothing in what Debian installs",
  ourSuites,
  async (rig) => {
    expect((await rig.run("sv", ["lint", "--strict", "/etc/sv"])).stdout).toBe("");
  },
  { needs: existsOnMachine("/etc/sv", "runit") },
);
