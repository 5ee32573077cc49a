import { Socket } from "node:net";

import { duplicateAbove } from "./descriptor.ts";

/** What Node makes sockets of. It has no public way to one from a descriptor of which it does not know what it is. */
interface TcpBinding {
  readonly TCP: new (kind: number) => { open(fd: number): number };
  readonly constants: { readonly SOCKET: number };
}

/** Calls back once when a descriptor has become readable, whatever it is. Throws SystemError. See wake.bun.ts. */
export function onceReadable(fd: number, onReadable: () => void): void {
  const { TCP, constants } = (process as unknown as { binding(name: string): TcpBinding }).binding("tcp_wrap");
  const handle = new TCP(constants.SOCKET);
  handle.open(duplicateAbove(fd, 3));
  const socket = new Socket({ handle, readable: true, writable: false } as object);
  socket.on("error", () => {});
  socket.once("close", onReadable);
  socket.resume();
}
