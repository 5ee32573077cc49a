import { createConnection, createServer } from "node:net";
import { isErrno } from "./processes.ts";

// Below the ports that the kernel gives to outgoing connections: such a connection could take the port meanwhile.
const first = 20_000;
const last = 32_000;

// A test that asks for a port opens it only later. So that no other test gets it meanwhile, each test process that runs
// at the same time has a share of the ports, and gives none twice.
const shares = 16;
const size = Math.floor((last - first) / shares);
const begin = first + (Number(process.env["VITEST_POOL_ID"] ?? 0) % shares) * size;
const given = new Set<number>();

/** A port of 127.0.0.1 on which nobody listens, and which no other test has been given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = begin + Math.floor(Math.random() * size);
    if (given.has(port)) continue;
    given.add(port);
    if (await canListen(port)) return port;
  }
}

/**
 * Connects to a port of 127.0.0.1, sends the text, and returns all that is received until the other side closes;
 * undefined when nobody listens, or the connection breaks.
 */
export async function talk(port: number, text: string): Promise<string | undefined> {
  return await new Promise((done) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    let received = "";
    socket.setEncoding("utf8");
    socket.on("connect", () => socket.write(text));
    socket.on("data", (chunk: string) => (received += chunk));
    socket.on("error", () => {
      done(undefined);
    });
    socket.on("close", () => {
      done(received);
    });
  });
}

async function canListen(port: number): Promise<boolean> {
  return await new Promise((done, failed) => {
    const server = createServer();
    server.once("error", (error) => {
      if (isErrno(error, "EADDRINUSE")) done(false);
      else failed(error);
    });
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}
