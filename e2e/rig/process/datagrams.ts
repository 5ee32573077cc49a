import { createSocket } from "node:dgram";

/** A UDP socket on the loopback, and what it has received. */
export interface Datagrams extends AsyncDisposable {
  readonly port: number;
  /** A character for each byte. */
  readonly received: readonly string[];
  /** Ports that the datagrams came from. */
  readonly senders: ReadonlySet<number>;
}

export async function receiveDatagrams(family: 4 | 6 = 4, wanted = 0): Promise<Datagrams> {
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  const received: string[] = [];
  const senders = new Set<number>();
  socket.on("message", (bytes, { port }) => {
    received.push(bytes.toString("latin1"));
    senders.add(port);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("error", reject);
  socket.bind(wanted, family === 4 ? "127.0.0.1" : "::1", resolve);
  await promise;
  return {
    port: socket.address().port,
    received,
    senders,
    [Symbol.asyncDispose]: async () => {
      const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
      socket.close(onClosed);
      await closed;
    },
  };
}

/** Why tests of IPv6 are skipped; undefined if they run. */
export const ipv6: string | undefined = await receiveDatagrams(6).then(
  async (datagrams) => {
    await datagrams[Symbol.asyncDispose]();
    return undefined;
  },
  () => "IPv6 on the loopback",
);
