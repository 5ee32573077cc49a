import { type Server, type Socket, createServer } from "node:net";

interface Line {
  readonly socket: Socket;
  readonly answers: Map<number, (answer: string) => void>;
  closed: boolean;
}

/** The socket over which the test drives its scripted programs; each connects when its plan has been carried out. */
export class Switchboard {
  readonly #server: Server;
  readonly #lines = new Map<number, Line>();
  #lastNumber = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(path: string): Promise<Switchboard> {
    const server = createServer();
    const board = new Switchboard(server);
    server.on("connection", (socket) => {
      board.#accept(socket);
    });
    await new Promise<void>((done, failed) => {
      server.once("error", failed).listen({ path, readableAll: true, writableAll: true }, done);
    });
    return board;
  }

  /** True once the process has connected and as long as it has not gone. */
  isConnected(pid: number): boolean {
    return this.#lines.get(pid)?.closed === false;
  }

  /** Sends one command; answers with what its verb returned. */
  async tell(pid: number, command: string): Promise<string> {
    const line = this.#lines.get(pid);
    if (line === undefined || line.closed) throw new Error(`process ${pid} is not connected: ${command}`);
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const answer = await new Promise<string>((done) => {
      line.answers.set(number, done);
      line.socket.write(`${number} ${command}\n`);
    });
    if (answer.startsWith("error ")) throw new Error(`${command}: ${answer.slice(6)}`);
    return answer.slice(3);
  }

  close(): void {
    this.#server.close();
    for (const line of this.#lines.values()) line.socket.destroy();
  }

  #accept(socket: Socket): void {
    let rest = "";
    let line: Line | undefined;
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (line === undefined) return;
      line.closed = true;
      // A command that ends its program is never answered otherwise.
      for (const answer of line.answers.values()) answer("ok ");
    });
    socket.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const words of lines.map((one) => one.split(" "))) {
        const [first = "", second = ""] = words;
        if (first === "hello") {
          line = { socket, answers: new Map(), closed: false };
          this.#lines.set(Number(second), line);
        } else {
          line?.answers.get(Number(first))?.(words.slice(1).join(" "));
          line?.answers.delete(Number(first));
        }
      }
    });
  }
}
