/*
 * Files of process-compose, compose and pm2 after an import: order, readiness, environment, copies, and how they stop.
 */
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { Terminal } from "../rig/process/terminal.ts";

/** Tells its words and some of its environment, and then each signal; INT and TERM end it. */
const witness = `#!/bin/sh
echo "start $* GREETING=$GREETING COPY=$PC_REPLICA_NUM$NODE_APP_INSTANCE" >>"$LOG"
for signal in INT TERM; do trap "echo $1 got $signal >>'$LOG'; exit 0" $signal; done
while :; do sleep 0.1; done
`;

async function come(
  rig: TestRig,
  name: string,
  text: string,
  ...options: readonly string[]
): Promise<() => readonly string[]> {
  writeFileSync(rig.path("witness"), witness, { mode: 0o755 });
  writeFileSync(rig.path(name), text);
  const imported = await rig.run("upkeep-import", [...options, "--to", rig.services, rig.path(name)]);
  expect(imported.code, imported.stderr).toBe(0);
  rig.start("runsvdir", [rig.services], { cwd: "/", env: { LOG: rig.path("log") } });
  return () => rig.read(rig.path("log")).split("\n").slice(0, -1);
}

rigTest("process-compose: ends and probes are waited for, and each copy has its number", ourSuites, async (rig) => {
  const log = await come(
    rig,
    "process-compose.yaml",
    `environment: ["GREETING=hello \${WHOM:-world}"]
processes:
  web:
    command: exec ./witness web "$$GREETING"
    depends_on: {db: {condition: process_healthy}, migrate: {condition: process_completed_successfully}}
    replicas: 2
    shutdown: {signal: 2}
    availability: {restart: always}
  db:
    command: exec ./witness db
    readiness_probe: {exec: {command: "test -e checked || { touch checked; exit 1; }"}}
  migrate:
    command: echo migrated >>"$$LOG"
`,
  );
  await rig.until("both copies", () => log().filter((line) => line.startsWith("start web")).length === 2);
  expect(log().slice(0, -2).toSorted()).toEqual(["migrated", "start db GREETING=hello world COPY="]);
  expect(log().slice(-2).toSorted()).toEqual([
    "start web hello world GREETING=hello world COPY=0",
    "start web hello world GREETING=hello world COPY=1",
  ]);
  await rig.run("sv", ["down", "web-0"]);
  await rig.until("the end of a copy", () => log().at(-1) === "web got INT");
});

rigTest("compose: services with a command run, with variables as they are at the start", ourSuites, async (rig) => {
  writeFileSync(rig.path(".env"), "WHOM=all\n");
  writeFileSync(rig.path("web.env"), "GREETING=from-file\nOTHER=1\n");
  const log = await come(
    rig,
    "compose.yaml",
    `services:
  web:
    image: web
    command: ["./witness", "\${WHOM}", "\${NONE:-none}", "$$PATH"]
    env_file: web.env
    depends_on: {job: {condition: service_completed_successfully}}
    restart: always
  job:
    image: job
    entrypoint: sh -c
    command: ["echo job >>$$LOG"]
`,
  );
  await rig.until("web", () => log().length === 2);
  expect(log()).toEqual(["job", "start all none $PATH GREETING=from-file COPY="]);
});

const ecosystem = `const port = () => 8000;
module.exports = { apps: [{ name: "api", script: "./witness", interpreter: "none", args: ["api", port()], instances: 2, exec_mode: "fork" }] };
`;

rigTest("pm2: JavaScript is run on demand only, and INT stops each copy", ourSuites, async (rig) => {
  writeFileSync(rig.path("ecosystem.config.js"), ecosystem);
  const refused = await rig.run("upkeep-import", ["--to", "out", rig.path("ecosystem.config.js")]);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    `upkeep import: warning: not imported: ${rig.path("ecosystem.config.js")}:2: is not literal here: --evaluate runs the file, in a process of its own\n`,
  ]);
  const log = await come(rig, "ecosystem.config.js", ecosystem, "--evaluate");
  await rig.until("both copies", () => log().length === 2);
  expect(log().toSorted()).toEqual(["start api 8000 GREETING= COPY=0", "start api 8000 GREETING= COPY=1"]);
  await rig.run("sv", ["down", "api-1"]);
  await rig.until("the end of a copy", () => log().at(-1) === "api got INT");
});

rigTest("a file of 100 MB, and one that is nested without end, get one line each", ourSuites, async (rig) => {
  writeFileSync(rig.path("compose.yaml"), "[".repeat(500_000));
  writeFileSync(rig.path("process-compose.yaml"), "");
  truncateSync(rig.path("process-compose.yaml"), 100 * 1024 ** 2);
  const nested = await rig.run("upkeep-import", [rig.path("compose.yaml")]);
  expect([nested.code, nested.stderr]).toEqual([
    1,
    `upkeep import: warning: not imported: ${rig.path("compose.yaml")}:1: is nested too deeply\n`,
  ]);
  const large = await rig.run("upkeep-import", [rig.path("process-compose.yaml")]);
  expect([large.code, large.stderr]).toEqual([
    111,
    `upkeep import ${rig.path("process-compose.yaml")}: fatal: unable to read it: file too big\n`,
  ]);
  expect(rig.exists(join(rig.services, "service"))).toBe(false);
});

rigTest("shows on a terminal how far it is, and nothing of that in a pipe", ourSuites, async (rig) => {
  const programs = Array.from({ length: 150 }, (_, index) => `[program:p${index}]\ncommand=/bin/true\n`);
  writeFileSync(rig.path("supervisord.conf"), programs.join(""));
  const words = ["--to", rig.path("piped"), rig.path("supervisord.conf")];
  expect((await rig.run("upkeep-import", words)).stderr).toBe("");
  const command = `${rig.suite.command("upkeep-import")} --to ${rig.path("seen")} ${rig.path("supervisord.conf")}`;
  using terminal = await Terminal.open(rig, command);
  await rig.result(terminal.command);
  expect(terminal.screen()).toContain("writing services: 140 of 150\u001b[K");
});
