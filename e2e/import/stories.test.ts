/*
 * What the texts that the project comes from have, imported as it stands there: programs of supervisord, and a Procfile.
 * The programs themselves are scripts here, which say what they were called with.
 */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { measured } from "../rig/process/measured.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** Puts programs into PATH that tell their names and words on standard output and stay. */
function programs(rig: TestRig, ...names: readonly string[]): Readonly<Record<string, string>> {
  const bin = rig.path("bin");
  mkdirSync(bin, { recursive: true });
  for (const name of names) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name}: $*"\nexec sleep 1000\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { PATH: `${bin}:${rig.suite.path}` };
}

/** Imports a file that is written into the rig, and starts what it became. */
async function come(
  rig: TestRig,
  name: string,
  text: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly output: () => string; readonly stop: () => Promise<unknown> }> {
  writeFileSync(rig.path(name), text);
  const imported = await rig.run("upkeep-import", ["--to", rig.services, rig.path(name)], { env });
  expect(imported.code, imported.stderr).toBe(0);
  const findings = await rig.run("sv", ["lint", "--strict", rig.services], { env });
  expect(findings.code, findings.stdout).toBe(0);
  const daemon = rig.start("runsvdir", ["--orderly", rig.services], { cwd: "/", env });
  return {
    output: () => daemon.stdout(),
    stop: async () => {
      process.kill(daemon.pid, "SIGTERM");
      return await rig.result(daemon);
    },
  };
}

rigTest("nginx of seed 004 runs with a prefix, and is down for good when it ends", ourSuites, async (rig) => {
  const env = programs(rig, "nginx");
  const configuration = `
[supervisord]
nodaemon=true

[program:nginx]
autostart=true
autorestart=false
priority=100
command=nginx -g "daemon off;"
stdout_events_enabled = true
stderr_events_enabled = true
`;
  const tree = await come(rig, "supervisord.conf", configuration, env);
  await rig.until("a line of nginx", () => tree.output().includes("nginx | nginx: -g daemon off;\n"));
  // Not by sv, whose signals ask for the end, after which even a job is started again.
  process.kill(Number(rig.read(join(rig.services, "nginx/supervise/pid"))), "SIGKILL");
  await rig.until("nginx to be down", async () =>
    (await rig.run("sv", ["status", "nginx"], { env })).stdout.startsWith("down: nginx"),
  );
  expect(tree.output().match(/nginx: -g/g)).toHaveLength(1);
  await tree.stop();
});

rigTest("six programs of seed 003 write to two logs each, and come back", ourSuites, async (rig) => {
  const names = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"];
  const env = programs(rig, ...names);
  const section = (name: string): string =>
    `[program:${name}]\ncommand=${name} --master="http://0.0.0.0:8080"\nautorestart=true\n` +
    `stdout_logfile=${rig.path(`${name}.stdout.log`)}\nstderr_logfile=${rig.path(`${name}.stderr.log`)}\n`;
  const tree = await come(rig, "kubernetes.conf", names.map(section).join("\n"), env);
  const logged = (name: string): number =>
    rig.read(rig.path(`${name}.stdout`, "current")).split(`${name}: --master=http://0.0.0.0:8080\n`).length - 1;
  await rig.until("a line of each in its log", () => names.every((name) => logged(name) === 1));
  await rig.run("sv", ["kill", "etcd"], { env });
  await rig.until("a second line of etcd", () => logged("etcd") === 2);
  expect(rig.exists(rig.path("etcd.stderr.log"))).toBe(true);
  await tree.stop();
});

rigTest("a Procfile releases once and first, and gives out ports", ourSuites, async (rig) => {
  const env = programs(rig, "web", "worker");
  writeFileSync(rig.path(".env"), "GREETING='hello world'\n");
  const procfile = `web: web --port $PORT "$GREETING"\nworker: NAME=x worker\nrelease: sleep 0.2; echo released\n`;
  const tree = await come(rig, "Procfile", procfile, env);
  await rig.until("lines of all", () =>
    ["web | web: --port 5000 hello world\n", "worker | worker: \n"].every((each) => tree.output().includes(each)),
  );
  expect(tree.output().split("\n")[0]).toBe("release | released");
  expect(tree.output().match(/released/g)).toHaveLength(1);
  await tree.stop();
});

rigTest("what cannot be imported gets its line, and the others are imported", ourSuites, async (rig) => {
  writeFileSync(
    rig.path("a.conf"),
    "[program:good]\ncommand=id\n[program:../bad]\ncommand=id\n[program:odd]\ncommand=id\nautostrat=1\n",
  );
  const { code, stdout, stderr } = await rig.run("upkeep-import", ["--to", "out", "../a.conf"]);
  expect(code).toBe(1);
  expect(stderr.split("\n")).toEqual([
    "upkeep import: warning: ../a.conf:7: odd: autostrat: unknown key, did you mean autostart?",
    "upkeep import: warning: not imported: ../a.conf:3: program ../bad: its name has a slash",
    "",
  ]);
  expect(stdout).toContain("services\n  out/good\n  out/odd\n");
  expect(rig.exists(join(rig.services, "out/good/run"))).toBe(true);
  const again = await rig.run("upkeep-import", ["--to", "out", "../a.conf"]);
  expect([again.code, again.stderr.split("\n").at(-2)]).toEqual([
    111,
    "upkeep import out: fatal: good is there already: remove it, or keep a copy of it with --replace",
  ]);
  const strict = await rig.run("upkeep-import", ["--strict", "--to", "strict", "../a.conf"]);
  expect([strict.code, rig.exists(join(rig.services, "strict"))]).toEqual([1, false]);
  expect((await rig.run("upkeep-import", ["../none.conf"])).stderr).toBe(
    "upkeep import ../none.conf: fatal: unable to read it: file does not exist\n",
  );
});

rigTest("200 programs cost less than a second of the processor", ourSuites, async (rig) => {
  const section = (at: number): string =>
    `[program:p${at}]\ncommand=/usr/bin/app --id ${at}\nuser=www-data\nautorestart=true\nenvironment=A="${at}",B="x y"\n` +
    `stdout_logfile=/var/log/p${at}.log\nredirect_stderr=true\n\n`;
  writeFileSync(rig.path("a.conf"), Array.from({ length: 200 }, (_each, at) => section(at)).join(""));
  // What else a busy machine does can only make it more, so one try of several is enough.
  let least = Infinity;
  for (let tries = 0; tries < 5 && least >= 1000; tries += 1) {
    const to = `out${tries}`;
    const { code, processor } = await measured(rig, "upkeep-import", ["--to", to, rig.path("a.conf")]);
    expect([code, rig.exists(join(rig.services, to, "p199/run"))]).toEqual([0, true]);
    least = Math.min(least, processor);
  }
  expect(least).toBeLessThan(1000);
});
