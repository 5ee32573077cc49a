import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

import { expect, test } from "vitest";

import { createUdpSender } from "../../src/lines/udp.ts";

async function receiver(): Promise<{ readonly socket: Socket; readonly port: number }> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { socket, port: socket.address().port };
}

test("sends each line as a datagram, in order, and closes when all are sent", async () => {
  const { socket, port } = await receiver();
  const received: string[] = [];
  const { promise: all, resolve } = Promise.withResolvers<void>();
  socket.on("message", (message) => {
    if (received.push(message.toString()) === 3) resolve();
  });
  const failures: string[] = [];
  const sender = createUdpSender({ address: "127.0.0.1", family: 4, port, isOnly: false }, (what) =>
    failures.push(what),
  );
  for (const line of ["a\n", "b\n", "\n"]) sender.send(Buffer.from(line));
  await sender.close();
  await all;
  socket.close();
  expect(received).toEqual(["a\n", "b\n", "\n"]);
  expect(failures).toEqual([]);
});

test("tells of each datagram that cannot be sent, or is one too many", async () => {
  const failures: string[] = [];
  // The system lets a socket send to everybody only if it has asked for that.
  const target = { address: "255.255.255.255", family: 4, port: 9, isOnly: false } as const;
  const sender = createUdpSender(target, (what, bytes) => failures.push(`${what}: ${bytes.toString()}`));
  for (let number = 0; number <= 1024; number++) sender.send(Buffer.from(String(number)));
  expect(failures).toEqual(["failure sending through udp: 1024"]);
  await sender.close();
  expect(failures).toHaveLength(1025);
  expect(failures).toContain("failure sending through udp: 0");
});

test("closes at once when nothing was sent", async () => {
  await createUdpSender({ address: "127.0.0.1", family: 4, port: 9, isOnly: false }, () => {}).close();
});
