/* The OpenSSH server in the foreground. Each connection has its own process, in its own session. */
import { createConnection, type Socket } from "node:net";
import { expect } from "vitest";
import { available, enable, logged, logRun, shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { privateMounts, program, withMounts } from "../rig/core/needs.ts";
import { freePort } from "../rig/process/ports.ts";
import { signalProcess } from "../rig/process/processes.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { answer, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needs = program("sshd", "openssh-server") ?? program("ssh-keygen", "openssh-client") ?? privateMounts;

rigTest(
  "sshd restarts and stops under sv, and what is connected stays connected",
  ourSuites,
  async (rig) => {
    const { sshd, port } = await makeSshd(rig);
    using connection = await greeted(rig, port);
    await sshd.stat("run");
    const { pid } = sshd.supervise.status();
    expect(await sv(rig, ["restart", "sshd"])).toMatchObject({ code: 0 });
    expect(sshd.supervise.status().pid).not.toBe(pid);
    using second = await greeted(rig, port);
    expect(await sv(rig, ["stop", "sshd"])).toMatchObject(answer("ok: down: sshd: Ns, normally up\n"));
    expect(await Connection.open(port)).toBeUndefined();
    await expectOpen(rig, connection);
    await expectOpen(rig, second);
    const listening = `Server listening on 127.0.0.1 port ${port}.`;
    await rig.until("both starts in the log", () => logged(rig, sshd).split(listening).length === 3);
  },
  { needs },
);

rigTest(
  "sshd is back after its death by KILL, and what is connected stays connected",
  ourSuites,
  async (rig) => {
    const { sshd, port } = await makeSshd(rig);
    using connection = await greeted(rig, port);
    await sshd.stat("run");
    const { pid } = sshd.supervise.status();
    signalProcess(pid, "SIGKILL");
    await rig.until("another sshd", () => ![0, pid].includes(sshd.supervise.status().pid));
    using second = await greeted(rig, port);
    await expectOpen(rig, connection);
    await expectOpen(rig, second);
    expect(logged(rig, sshd)).not.toContain("Address already in use");
  },
  { needs },
);

async function makeSshd(rig: TestRig): Promise<{ readonly sshd: ScriptedService; readonly port: number }> {
  const port = await freePort();
  const key = rig.path("host-key");
  expect(await rig.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])).toMatchObject({ code: 0 });
  const sshd = available(rig, "sshd", {
    run: shell("exec 2>&1", "mkdir -p /run/sshd", 'exec /usr/sbin/sshd -D -e -f "$PWD/sshd_config"'),
    log: { run: logRun },
    files: {
      sshd_config: `ListenAddress 127.0.0.1:${port}\nHostKey ${key}\nPidFile none\nUsePAM no\nLoginGraceTime 0\n`,
    },
  });
  enable(rig, sshd);
  startRunsvdir(rig, { under: withMounts("-t tmpfs none /run") });
  return { sshd, port };
}

/** Connects, and waits for the banner. */
async function greeted(rig: TestRig, port: number): Promise<Connection> {
  const connection = await rig.until("a connection", async () => await Connection.open(port));
  await rig.until("the banner", () => connection.received.startsWith("SSH-2.0-"));
  return connection;
}

/** The server answers what it does not understand, and closes the connection by itself. */
async function expectOpen(rig: TestRig, connection: Connection): Promise<void> {
  expect(connection.isClosed).toBe(false);
  connection.send("nonsense\r\n");
  await rig.until("an answer", () => connection.received.includes("Invalid SSH identification string."));
}

class Connection implements Disposable {
  received = "";
  isClosed = false;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => (this.received += text));
    socket.on("close", () => (this.isClosed = true));
  }

  /** Undefined when nobody listens. */
  static async open(port: number): Promise<Connection | undefined> {
    return await new Promise((done) => {
      const socket = createConnection({ host: "127.0.0.1", port });
      const connection = new Connection(socket);
      socket.on("error", () => done(undefined));
      socket.on("connect", () => done(connection));
    });
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
