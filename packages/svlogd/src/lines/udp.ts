import type { Socket } from "node:dgram";

import type { UdpTarget } from "../core/config.ts";

/** Sends datagrams. */
export interface UdpSender {
  /** Sends one. The bytes are the sender's from now on. */
  send(bytes: Buffer): void;
  /** Closes when all has been sent. */
  close(): Promise<void>;
}

/** How many datagrams may be on their way; further ones fail. */
const most = 1024;

/** @param onFailure is told of each datagram that could not be sent, and why. */
export function createUdpSender(target: UdpTarget, onFailure: (what: string, bytes: Buffer) => void): UdpSender {
  const { address, family, port } = target;
  const noSocket = "no udp socket available";
  let pending = 0;
  let socket: Socket | null = null;
  let isClosing = false;
  const { promise: closed, resolve } = Promise.withResolvers<void>();

  const closeWhenDone = (): void => {
    if (!isClosing || pending > 0) return;
    socket?.close();
    socket = null;
    resolve();
  };
  const open = async (): Promise<Socket> => {
    const { createSocket } = await import("node:dgram");
    socket ??= createSocket(family === 4 ? "udp4" : "udp6").on("error", () => {});
    return socket;
  };
  return {
    send: (bytes) => {
      const failed = (what: string): void => onFailure(what, bytes);
      if (pending >= most) return failed("failure sending through udp");
      pending++;
      open()
        .then(
          (opened) => {
            const { promise, resolve: onSent } = Promise.withResolvers<void>();
            opened.send(bytes, port, address, (error) => {
              if (error !== null) failed("failure sending through udp");
              onSent();
            });
            return promise;
          },
          () => failed(noSocket),
        )
        .finally(() => {
          pending--;
          closeWhenDone();
        })
        .catch(() => {});
    },
    close: () => {
      isClosing = true;
      closeWhenDone();
      return closed;
    },
  };
}
