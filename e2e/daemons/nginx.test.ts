/* nginx in the foreground, with a master and two workers that hold its port. */
import { expect } from "vitest";
import { available, disable, enable, logged, logRun, shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { freePort, talk } from "../rig/process/ports.ts";
import { isAlive, processState, signalProcess, childrenOf } from "../rig/process/processes.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { answer, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needs = program("nginx", "nginx-light");
const portTaken = "Address already in use";

rigTest(
  "nginx comes and goes with its link in the scan directory",
  ourSuites,
  async (rig) => {
    const { nginx, port } = await makeNginx(rig);
    const runsvdir = startRunsvdir(rig);
    enable(rig, nginx);
    await healthy(rig, port);
    disable(rig, nginx);
    await rig.until("the port to be closed", async () => (await worker(port)) === undefined);
    await runsvToBe(rig, runsvdir.pid);
    enable(rig, nginx);
    await healthy(rig, port);
    expect(runsvdir.stderr()).toBe("");
  },
  { needs },
);

rigTest(
  "nginx is stopped, started, reloaded and restarted with sv, and its output goes to its log service",
  ourSuites,
  async (rig) => {
    const { nginx, port } = await makeNginx(rig);
    enable(rig, nginx);
    startRunsvdir(rig);
    const first = await healthy(rig, port);
    await rig.until("the request to be logged", () => logged(rig, nginx).includes('"GET / HTTP/1.0" 200'));
    expect(logged(rig, nginx)).toContain("start worker processes");

    await nginx.stat("run");
    const master = nginx.supervise.pid();
    expect(await sv(rig, ["reload", "nginx"])).toMatchObject(answer(`ok: run: nginx: (pid ${master}) Ns\n`));
    await rig.until("a new worker", async () => ![undefined, first].includes(await worker(port)));
    expect(nginx.supervise.pid()).toBe(master);

    // The check script makes sv wait until the port is open.
    expect(await sv(rig, ["restart", "nginx"])).toMatchObject({ code: 0 });
    expect(await worker(port)).toBeDefined();
    expect(nginx.supervise.pid()).not.toBe(master);

    const workers = await rig.until("two workers", () => ofLength(2, childrenOf(nginx.supervise.pid() ?? 0)));
    expect(await sv(rig, ["stop", "nginx"])).toMatchObject(answer("ok: down: nginx: Ns, normally up\n"));
    expect(workers.filter(isAlive)).toEqual([]);
    expect(await worker(port)).toBeUndefined();
    expect(await sv(rig, ["start", "nginx"])).toMatchObject({ code: 0 });
    expect(await worker(port)).toBeDefined();
    expect(logged(rig, nginx)).not.toContain(portTaken);
  },
  { needs },
);

rigTest(
  "nginx is healthy again on its port after the death of its master, whose workers held it",
  ourSuites,
  async (rig) => {
    const { nginx, port } = await makeNginx(rig);
    enable(rig, nginx);
    startRunsvdir(rig);
    await healthy(rig, port);
    await nginx.stat("run");
    const { pid } = nginx.supervise.status();
    const workers = await rig.until("two workers", () => ofLength(2, childrenOf(pid)));
    const [stuck = 0] = workers;
    signalProcess(stuck, "SIGSTOP");
    await rig.until("a worker that hangs", () => processState(stuck) === "T");
    signalProcess(pid, "SIGKILL");
    await rig.until("a new master", () => ![0, pid].includes(nginx.supervise.status().pid));
    await healthy(rig, port);
    expect(workers.filter(isAlive)).toEqual([]);
    expect(logged(rig, nginx)).not.toContain(portTaken);
    expect(await sv(rig, ["check", "nginx"])).toMatchObject({ code: 0 });
  },
  { needs },
);

// This shows the problem that the test before it is about.
rigTest(
  "nginx cannot start again while workers of a dead master are kept by flag-keep-leftovers",
  ourSuites,
  async (rig) => {
    const { nginx, port } = await makeNginx(rig, { "flag-keep-leftovers": "" });
    enable(rig, nginx);
    startRunsvdir(rig);
    await healthy(rig, port);
    await nginx.stat("run");
    const { pid } = nginx.supervise.status();
    const workers = await rig.until("two workers", () => ofLength(2, childrenOf(pid)));
    signalProcess(pid, "SIGKILL");
    await rig.until("trouble with the port", () => logged(rig, nginx).includes(portTaken));
    expect(workers.filter(isAlive)).toEqual(workers);
  },
  { needs },
);

interface Nginx {
  readonly nginx: ScriptedService;
  readonly port: number;
}

async function makeNginx(rig: TestRig, files: Readonly<Record<string, string>> = {}): Promise<Nginx> {
  const port = await freePort();
  const nginx = available(rig, "nginx", {
    run: shell("exec 2>&1", 'exec nginx -e stderr -p "$PWD" -c nginx.conf'),
    check: { text: `#!/bin/bash\nexec 3<>/dev/tcp/127.0.0.1/${port}\n` },
    log: { run: logRun },
    files: { "nginx.conf": configuration(port), "tmp/README": "nginx keeps its temporary files here.\n", ...files },
  });
  return { nginx, port };
}

function configuration(port: number): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((of) => `${of}_temp_path tmp/${of};`);
  return `
    daemon off;
    worker_processes 2;
    pid nginx.pid;
    error_log stderr notice;
    events { worker_connections 32; }
    http {
      access_log /dev/stdout;
      ${temporary.join(" ")}
      server { listen 127.0.0.1:${port}; location / { return 200 "worker $pid\\n"; } }
    }
  `;
}

/** Pid of the worker that answers a request; undefined without an answer. */
async function worker(port: number): Promise<string | undefined> {
  const received = await talk(port, "GET / HTTP/1.0\r\n\r\n");
  return /^HTTP\/1\.1 200 OK\r\n[^]*\r\nworker (\d+)\n$/.exec(received ?? "")?.[1];
}

async function healthy(rig: TestRig, port: number): Promise<string> {
  return await rig.until(`an answer from port ${port}`, async () => await worker(port));
}

function ofLength<T>(length: number, list: readonly T[]): readonly T[] | undefined {
  return list.length === length ? list : undefined;
}
