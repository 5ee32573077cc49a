/* redis-server, which writes its data on TERM. */
import { expect } from "vitest";
import { available, enable, logged, logRun, shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { freePort, talk } from "../rig/process/ports.ts";
import { isAlive, signalProcess, childrenOf } from "../rig/process/processes.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { answer, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needs = program("redis-server", "redis-server");

rigTest(
  "redis that is normally down waits for sv start, which returns when it answers",
  ourSuites,
  async (rig) => {
    const { redis, ask } = await makeRedis(rig, { down: true });
    enable(rig, redis);
    const runsvdir = startRunsvdir(rig);
    await runsvToBe(rig, runsvdir.pid, "redis");
    await redis.stat("down");
    expect(await sv(rig, ["status", "redis"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^down: redis: Ns; run: log: \(pid \d+\) Ns\n$/),
    });
    expect(await ask("PING")).toBeUndefined();
    expect(await sv(rig, ["start", "redis"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok: run: redis: \(pid \d+\) Ns, normally down\n$/),
    });
    expect(await ask("PING")).toBe("+PONG\r\n");
    expect(await sv(rig, ["stop", "redis"])).toMatchObject(answer("ok: down: redis: Ns\n"));
    expect(await ask("PING")).toBeUndefined();
  },
  { needs },
);

rigTest(
  "redis keeps its data over sv restart, and says what it does in its log",
  ourSuites,
  async (rig) => {
    const { redis, ask } = await makeRedis(rig);
    enable(rig, redis);
    startRunsvdir(rig);
    await rig.until("an answer", async () => (await ask("PING")) === "+PONG\r\n");
    expect(await ask("SET answer 42")).toBe("+OK\r\n");
    await redis.stat("run");
    const { pid } = redis.supervise.status();
    expect(await sv(rig, ["restart", "redis"])).toMatchObject({ code: 0 });
    expect(redis.supervise.status().pid).not.toBe(pid);
    expect(await ask("GET answer")).toBe("$2\r\n42\r\n");
    await rig.until(
      "a second start in the log",
      () => logged(rig, redis).split("Ready to accept connections").length === 3,
    );
    expect(logged(rig, redis)).toContain("Received SIGTERM scheduling shutdown");
  },
  { needs },
);

rigTest(
  "redis is back after its death by KILL",
  ourSuites,
  async (rig) => {
    const { redis, ask } = await makeRedis(rig);
    enable(rig, redis);
    startRunsvdir(rig);
    await rig.until("an answer", async () => (await ask("PING")) === "+PONG\r\n");
    await redis.stat("run");
    const { pid } = redis.supervise.status();
    signalProcess(pid, "SIGKILL");
    await rig.until("another redis", () => ![0, pid].includes(redis.supervise.status().pid));
    await rig.until("an answer", async () => (await ask("PING")) === "+PONG\r\n");
  },
  { needs },
);

// Many run scripts lack their exec, so that only the shell gets the signals of sv.
const withoutExec = ["redis-server redis.conf"];

rigTest(
  "redis below a shell that should have become it ends with the shell",
  ourSuites,
  async (rig) => {
    const { redis, ask } = await makeRedis(rig, { lines: withoutExec });
    enable(rig, redis);
    startRunsvdir(rig);
    await rig.until("an answer", async () => (await ask("PING")) === "+PONG\r\n");
    await redis.stat("run");
    const [server = 0] = childrenOf(redis.supervise.status().pid);
    expect(isAlive(server)).toBe(true);
    expect(await sv(rig, ["stop", "redis"])).toMatchObject(answer("ok: down: redis: Ns, normally up\n"));
    expect(isAlive(server)).toBe(false);
    expect(await ask("PING")).toBeUndefined();
    await rig.until("the end in the log", () => logged(rig, redis).includes("Received SIGTERM scheduling shutdown"));
  },
  { needs },
);

rigTest(
  "redis whose run script ignores TERM is ended by sv force-stop, and starts again",
  ourSuites,
  async (rig) => {
    const { redis, ask } = await makeRedis(rig, { lines: ["trap '' TERM", ...withoutExec] });
    enable(rig, redis);
    startRunsvdir(rig);
    await rig.until("an answer", async () => (await ask("PING")) === "+PONG\r\n");
    await redis.stat("run");
    const { pid } = redis.supervise.status();
    // With this the status changes within the second.
    redis.supervise.control("d");
    await redis.stat("run, got TERM, want down");
    expect(await sv(rig, ["-w", "1", "force-stop", "redis"])).toMatchObject(
      answer(`kill: run: redis: (pid ${pid}) Ns, want down, got TERM\n`, 1),
    );
    await redis.stat("down");
    expect(isAlive(pid)).toBe(false);
    expect(await ask("PING")).toBeUndefined();
    expect(await sv(rig, ["start", "redis"])).toMatchObject({ code: 0 });
    expect(await ask("PING")).toBe("+PONG\r\n");
  },
  { needs },
);

interface Redis {
  readonly redis: ScriptedService;
  /** Sends one command; the answer is undefined when nobody listens. */
  readonly ask: (command: string) => Promise<string | undefined>;
}

interface Options {
  readonly down?: boolean;
  /** The last command of the run script. */
  readonly lines?: readonly string[];
}

async function makeRedis(rig: TestRig, options: Options = {}): Promise<Redis> {
  const port = await freePort();
  const redis = available(rig, "redis", {
    run: shell("exec 2>&1", ...(options.lines ?? ["exec redis-server redis.conf"])),
    check: shell(`redis-cli -p ${port} ping | grep -q PONG`),
    log: { run: logRun },
    down: options.down ?? false,
    files: {
      "redis.conf": `bind 127.0.0.1\nport ${port}\ndaemonize no\ndir data\nsave 3600 1\n`,
      "data/README": "redis keeps its data here.\n",
    },
  });
  const ask = async (command: string): Promise<string | undefined> => {
    const received = await talk(port, `${command}\r\nQUIT\r\n`);
    return received?.replace(/\+OK\r\n$/, "");
  };
  return { redis, ask };
}
