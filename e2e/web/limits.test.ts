/* What upkeep web has only so much of: connections, readers, and patience with them. */
import { mkdirSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { WebServer } from "../rig/process/web-server.ts";

const path = "/api/v1/services/web/log";

interface Change {
  readonly services: readonly { readonly id: string; readonly state: string | null }[];
}

/** A service without a supervisor, whose log is this. */
function logOf(rig: TestRig, content: string): void {
  const web = rig.service("web");
  mkdirSync(web.file("log/main"), { recursive: true });
  writeFileSync(web.file("log/main/current"), content);
}

rigTest(
  "connections that ask nothing, and come again when they are closed, keep nobody out",
  ourSuites,
  async (rig) => {
    rig.service("web");
    const server = await WebServer.start(rig);
    const reader = server.follow("/api/v1/events");
    await reader.wait("all services", () => reader.of("state").length === 1);
    const sockets = new Set<Socket>();
    let [opened, isOver] = [0, false];
    const open = (): void => {
      const socket = server.connect();
      opened += 1;
      sockets.add(socket);
      socket.on("error", () => {}).resume();
      socket.on("close", () => {
        sockets.delete(socket);
        if (!isOver) setImmediate(open);
      });
    };
    const storm = 560;
    for (let count = 0; count < storm; count++) open();
    await rig.until("places to be taken", () => opened > storm + 100);
    for (let turn = 1; turn <= 20; turn++) {
      const before = opened;
      expect([turn, (await server.ask("/api/v1/services")).status]).toEqual([turn, 200]);
      await rig.until("the storm to go on", () => opened > before);
    }
    await reader.wait("a sign of life", () => reader.of("beat").length > 0);
    expect(reader.isEnded).toBe(false);
    isOver = true;
    for (const socket of sockets) socket.destroy();
  },
);

rigTest("ten thousand connections are too many, and the server lives", ourSuites, async (rig) => {
  rig.service("web");
  const server = await WebServer.start(rig);
  const reader = server.follow("/api/v1/events");
  await reader.wait("all services", () => reader.of("state").length === 1);
  for (let round = 0; round < 20; round++) {
    const sockets = Array.from({ length: 500 }, () => server.connect());
    let closed = 0;
    for (const socket of sockets) {
      socket.on("error", () => {});
      socket.on("close", () => (closed += 1));
      socket.write("GET /api/v1/ser");
    }
    await rig.until("all to be connected or refused", () => sockets.every((socket) => !socket.connecting));
    if (round % 5 === 0) {
      const more = Array.from({ length: 200 }, () => server.connect());
      for (const socket of more) socket.on("error", () => {}).resume();
      await rig.until("some to be closed at once", () => more.some((socket) => socket.closed));
      for (const socket of more) socket.destroy();
    }
    for (const socket of sockets) socket.destroy();
    await rig.until("their ends", () => closed === sockets.length);
  }
  await rig.until("an answer", async () => (await server.ask("/api/v1/services").catch(() => null))?.status === 200);
  await reader.wait("a sign of life", () => reader.of("beat").length > 0);
  expect(server.command.ending).toBe(undefined);
  expect(server.command.stderr()).toBe("");
});

rigTest("32 read logs and no more, until one of them goes", ourSuites, async (rig) => {
  logOf(rig, `${"x".repeat(1000)}\n`.repeat(5000));
  const server = await WebServer.start(rig);
  const lazy = Array.from({ length: 32 }, () => {
    const socket = server.connect();
    socket.pause();
    socket.write(`GET ${path}?lines=all&follow=1 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return socket;
  });
  const refused = await rig.until("all places to be taken", async () => {
    const answer = await server.ask(`${path}?lines=1`);
    return answer.status === 429 ? answer : null;
  });
  expect([refused.headers["retry-after"], JSON.parse(refused.text)]).toEqual([
    "10",
    { error: { code: "too-many", message: "32 logs are read already" } },
  ]);
  expect((await server.ask("/api/v1/services")).status).toBe(200);
  lazy[0]?.destroy();
  await rig.until("a place", async () => (await server.ask(`${path}?lines=1`)).status === 200);
  for (const socket of lazy) socket.destroy();
});

rigTest("JSON that is followed has signs of life, which are no lines", ourSuites, async (rig) => {
  logOf(rig, "a\n");
  const server = await WebServer.start(rig);
  let text = "";
  const socket = server.connect();
  socket.on("data", (chunk) => (text += chunk.toString()));
  socket.write(`GET ${path}?follow=1 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await rig.until("a sign of life", () => /"line":"a"[^]*\r\n1\r\n\n\r\n/.test(text));
  socket.destroy();
});

rigTest(
  "a reader of events that is slow is waited for, and gets the latest state of all, while others get each",
  ourSuites,
  async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    await web.stat("run");
    // All of it is more than a socket holds.
    for (let count = 0; count < 700; count++) mkdirSync(rig.path(`service/idle-${count}`));
    const server = await WebServer.start(rig);
    const slow = server.connect();
    slow.pause();
    let text = "";
    slow.on("data", (chunk) => (text += chunk.toString()));
    slow.write("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const quick = server.follow("/api/v1/events");
    await quick.wait("all services", () => quick.of("state").length === 1);
    const last = (): Change["services"][number] | undefined =>
      quick
        .of<Change>("change")
        .flatMap(({ services }) => services)
        .findLast(({ id }) => id === "web");
    for (let turn = 1; turn <= 3; turn++) {
      web.supervise.control("d");
      await quick.wait("its end", () => last()?.state === "down");
      web.supervise.control("u");
      await quick.wait("its start", () => last()?.state === "run");
    }
    const { pid } = web.supervise.status();
    slow.resume();
    await rig.until("the latest state", () => text.lastIndexOf(`"pid":${pid},`) > text.lastIndexOf('"state":"down"'));
    const changes = text.split("event: change\n").length - 1;
    expect(changes).toBeGreaterThan(0);
    expect(changes).toBeLessThan(quick.of("change").length / 2);
    slow.destroy();
  },
);
