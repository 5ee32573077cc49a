/* devlog, the reader of /dev/log: its socket, its lines, and its end. */
import { closeSync, constants, openSync, readSync, statSync, writeSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { isErrno } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { writingTo } from "../rig/process/under.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

function devlogTest(title: string, run: (rig: TestRig, socket: string) => Promise<void>): void {
  rigTest(title, ourSuites, async (rig) => await run(rig, rig.path("log")), { needs: program("perl", "perl") });
}

/** Starts devlog, and waits until it says that its socket is there. */
async function start(rig: TestRig, socket: string): Promise<RunningCommand> {
  const command = rig.start("devlog", ["-d", "2", socket]);
  await rig.until("the socket", () => command.stderr() === "\n");
  return command;
}

/** As {@link start}, with a FIFO for its output. `read` reads what is in it, and returns all so far. */
async function startBehindFifo(
  rig: TestRig,
  socket: string,
  options: readonly string[],
): Promise<{ readonly command: RunningCommand; readonly read: () => string; readonly end: number }> {
  const fifo = rig.path("output");
  expect((await rig.run("mkfifo", [fifo])).code).toBe(0);
  const end = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  const command = rig.start("devlog", [...options, "-d", "2", socket], { under: writingTo(fifo) });
  await rig.until("the socket", () => command.stderr() === "\n");
  let text = "";
  const read = (): string => {
    const bytes = Buffer.alloc(1 << 20);
    try {
      text += bytes.toString("latin1", 0, readSync(end, bytes));
    } catch (error) {
      if (!isErrno(error, "EAGAIN")) throw error;
    }
    return text;
  };
  return { command, read, end };
}

/** Fills the FIFO, so that whoever writes to it must wait. */
function fill(end: number): void {
  try {
    for (;;) writeSync(end, "\n".repeat(4096));
  } catch (error) {
    if (!isErrno(error, "EAGAIN")) throw error;
  }
}

/** Sends datagrams, each the value of a perl expression, and returns when devlog has taken the last one. */
async function send(rig: TestRig, socket: string, ...messages: readonly string[]): Promise<void> {
  const script = `use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0); connect(S, pack_sockaddr_un($ARGV[0])) or die $!;
for my $message (${messages.join(", ")}) { defined(syswrite(S, $message)) or die $! }`;
  const { code, stderr } = await rig.run("perl", ["-e", script, socket]);
  expect(code, stderr).toBe(0);
}

devlogTest("everybody may write to the socket, and each datagram becomes a line", async (rig, socket) => {
  const command = await start(rig, socket);
  expect(statSync(socket).mode & 0o7777).toBe(0o666);
  await send(
    rig,
    socket,
    '"<78>Nov 21 15:44:38 CRON[12]: (root) CMD (true)\\n"',
    '""',
    '"<13>a\\nb"',
    '"<14>" . "x" x 100000',
  );
  await rig.until("four lines", () => command.stdout().split("\n").length === 5);
  expect(command.stdout()).toBe(
    `cron.info: CRON[12]: (root) CMD (true)\nuser.notice: \nuser.notice: a\\x0ab\nuser.info: ${"x".repeat(100_000)}\n`,
  );
  command.kill("SIGTERM");
  expect((await rig.result(command)).code).toBe(0);
});

devlogTest("what was sent before TERM is written, all of it and in order", async (rig, socket) => {
  const command = await start(rig, socket);
  await send(rig, socket, 'map { "<13>n $_" } 1 .. 2000');
  command.kill("SIGTERM");
  expect(await rig.result(command)).toMatchObject({
    code: 0,
    stdout: Array.from({ length: 2000 }, (_, index) => `user.notice: n ${index + 1}\n`).join(""),
  });
});

devlogTest("a second one leaves the socket alone, a successor replaces it", async (rig, socket) => {
  const first = await start(rig, socket);
  expect(await rig.run("devlog", [socket])).toMatchObject({
    code: 111,
    stderr: `devlog: fatal: unable to bind ${socket}: address already used\n`,
  });
  first.kill("SIGKILL");
  await rig.result(first);
  const next = await start(rig, socket);
  await send(rig, socket, '"still there"');
  await rig.until("the line", () => next.stdout() === "user.notice: still there\n");
});

devlogTest("a wrong command line is refused", async (rig, socket) => {
  for (const words of [[socket, "more"], ["-d", "x"], ["-x"]]) {
    const { code, stderr } = await rig.run("devlog", words);
    expect(code).toBe(100);
    expect(stderr).toContain("usage: devlog [-L] [-d fd] [socket]\n");
  }
});

devlogTest("with -L nobody waits for its output, and it says how much is lost", async (rig, socket) => {
  const { command, read, end } = await startBehindFifo(rig, socket, ["-L"]);
  // 6 MB: more than the pipe takes. Without -L each message would take a second.
  await send(rig, socket, 'map { sprintf("<13>n %d %s", $_, "x" x 990) } 1 .. 6000');
  const lossy = /^devlog: warning: unable to write to standard output: temporary failure, \d+ messages lost so far$/m;
  await rig.until("what is lost", () => lossy.test(command.stderr()));
  await rig.until("it to write again", () => read() !== "" && command.stderr().includes("warning: writing again, "));
  await send(rig, socket, '"<13>the last"');
  await rig.until("the last line", () => read().endsWith("user.notice: the last\n"));
  const lines = read().split("\n").slice(0, -2);
  expect(lines.filter((line) => !/^user\.notice: n \d+ x{990}$/.test(line))).toEqual([]);
  expect(command.stderr()).toContain(`writing again, ${6000 - lines.length} messages lost\n`);
  command.kill("SIGTERM");
  expect((await rig.result(command)).code).toBe(0);
  closeSync(end);
});

// As many as any socket holds, so that the sender need not wait.
const few = 'map { "<13>n $_" } 1 .. 8';

devlogTest("it ends although nobody reads its output, and says how much is lost", async (rig, socket) => {
  const { command, end } = await startBehindFifo(rig, socket, []);
  fill(end);
  await send(rig, socket, few);
  command.kill("SIGTERM");
  expect(await rig.result(command)).toMatchObject({ code: 0, stderr: "\ndevlog: warning: 8 messages lost\n" });
  closeSync(end);
});

devlogTest("it loses nothing where its output is read late, or at its end only", async (rig, socket) => {
  const { command, read, end } = await startBehindFifo(rig, socket, []);
  const lines = Array.from({ length: 8 }, (_, index) => `user.notice: n ${index + 1}\n`).join("");
  fill(end);
  await send(rig, socket, few);
  await rig.until("all lines", () => read().endsWith(lines));
  fill(end);
  await send(rig, socket, few);
  command.kill("SIGTERM");
  await rig.until("its end", () => (read(), command.ending));
  expect(read().replaceAll(/\n+/g, "\n")).toBe(`\n${lines}\n${lines}`.replaceAll(/\n+/g, "\n"));
  expect(await rig.result(command)).toMatchObject({ code: 0, stderr: "\n" });
  closeSync(end);
});
