import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { textSink } from "@upkeep/web/server/log-sinks";
import { limitConnections } from "@upkeep/web/server/connections";
import { streamOf } from "@upkeep/web/server/stream";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "upkeep-web-"));
const path = join(directory, "socket");
/** More than any socket and any buffer before it hold. */
const much = "x".repeat(4 * 1024 * 1024);

let server: Server;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer();
  server.listen(path);
  await once(server, "listening");
});

afterEach(async () => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A client that asks and reads nothing, and the answer to it. */
async function ask(): Promise<{ readonly client: Socket; readonly response: ServerResponse }> {
  const client = connect(path);
  sockets.push(client);
  client.pause();
  client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const [, response] = (await once(server, "request")) as [unknown, ServerResponse];
  response.writeHead(200);
  return { client, response };
}

test("a reader that takes nothing is cut off, and whoever waits for it is told", async () => {
  const { response } = await ask();
  const stream = streamOf(response, 50);
  expect(stream.send(much)).toBe(false);
  expect(stream.isReady()).toBe(false);
  expect(await stream.ready()).toBe(false);
  expect([stream.isClosed, response.destroyed]).toEqual([true, true]);
});

test("one that catches up is not, however often it was behind", async () => {
  const { client, response } = await ask();
  // Its time never ends, unless it is never stopped.
  const timers = vi.spyOn(globalThis, "clearTimeout");
  const stream = streamOf(response, 1_000_000);
  stream.send(much);
  client.resume();
  expect(await stream.ready()).toBe(true);
  expect(stream.isReady()).toBe(true);
  expect(timers).toHaveBeenCalled();
  timers.mockRestore();
  response.end();
});

test("a quiet log says every few seconds that it is there, where that is no line of it", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const sent: string[] = [];
  const stream = { send: (text: string) => sent.push(text) > 0 } as unknown as ReturnType<typeof streamOf>;
  const [json, text] = [textSink(stream, "ndjson"), textSink(stream, "text")];
  for (const sink of [json, text]) sink.beat();
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(5000);
  for (const sink of [json, text]) sink.beat();
  expect(sent).toEqual(["\n"]);
  json.beat();
  expect(sent).toEqual(["\n"]);
});

test("a connection too many takes the place of the one that has asked nothing for longest", async () => {
  limitConnections(server);
  const answered = await ask();
  const idle: Socket[] = [];
  const connectOne = async (): Promise<Socket> => {
    const socket = connect(path);
    sockets.push(socket);
    socket.resume();
    await Promise.all([once(socket, "connect"), once(server, "connection")]);
    return socket;
  };
  for (let count = 1; count < 512; count++) idle.push(await connectOne());
  const [oldest, next] = idle;
  if (oldest === undefined || next === undefined) throw new Error("there are none");
  const gone = once(oldest, "close");
  await connectOne();
  await gone;
  const asked = ask();
  await once(next, "close");
  expect((await asked).response.writable).toBe(true);
  expect(idle.filter(({ closed }) => closed)).toEqual([oldest, next]);
  expect(answered.client.closed).toBe(false);
});
