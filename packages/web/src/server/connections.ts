import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

// Node limits how long a request may take to come by looking at all connections every half minute, also when there are
// none. So this is done here, and only while there is one.

/** Connections at a time. A further one takes the place of the one that has asked nothing for longest. */
const mostConnections = 512;
/** Milliseconds that a connection may be open without a whole request, and between two checks of that. */
const longestWait = 10_000;
const checkEvery = 2000;

interface Connection {
  /** Since when it waits for a request, in monotonic ms; null: one is being answered. */
  waitsSince: number | null;
}

/** Closes connections that hold a place and ask nothing. Nobody can keep others out with such. */
export function limitConnections(server: Server): void {
  const connections = new Map<Socket, Connection>();
  let timer: NodeJS.Timeout | undefined;

  const check = (): void => {
    timer = undefined;
    const now = performance.now();
    for (const [socket, { waitsSince }] of connections) {
      if (waitsSince !== null && now - waitsSince > longestWait) socket.destroy();
    }
    arm();
  };
  const arm = (): void => {
    if (timer === undefined && connections.size > 0) timer = setTimeout(check, checkEvery);
  };
  server.on("connection", (socket: Socket) => {
    if (connections.size >= mostConnections) {
      const idlest = longestWaiting(connections);
      if (idlest === null) {
        socket.destroy();
        return;
      }
      connections.delete(idlest);
      idlest.destroy();
    }
    connections.set(socket, { waitsSince: performance.now() });
    socket.on("close", () => {
      connections.delete(socket);
      if (connections.size > 0) return;
      clearTimeout(timer);
      timer = undefined;
    });
    arm();
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) return;
    connection.waitsSince = null;
    response.on("close", () => {
      connection.waitsSince = performance.now();
    });
  });
}

/** Null: all of them are being answered. */
function longestWaiting(connections: ReadonlyMap<Socket, Connection>): Socket | null {
  let found: Socket | null = null;
  let since = Infinity;
  for (const [socket, { waitsSince }] of connections) {
    if (waitsSince === null || waitsSince >= since) continue;
    [found, since] = [socket, waitsSince];
  }
  return found;
}
