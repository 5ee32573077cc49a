import { existsSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import type { TestRig } from "../core/test-rig.ts";
import type { Result, RunningCommand, StartOptions } from "./running-command.ts";

/** What a server answered. */
export interface WebAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** A server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the rig's own socket. */
  readonly port?: number;
}

/** `upkeep web` on a socket in the rig's directory, and clients of it. */
export class WebServer {
  readonly #rig: TestRig;
  readonly socket: string;
  #command: RunningCommand | null = null;

  private constructor(rig: TestRig, socket: string) {
    this.#rig = rig;
    this.socket = socket;
  }

  /** Starts it and waits until it listens. */
  static async start(rig: TestRig, words: readonly string[] = [], options: StartOptions = {}): Promise<WebServer> {
    const server = new WebServer(rig, rig.path("web.sock"));
    await server.begin(words, options);
    return server;
  }

  /** Starts it once more. */
  async begin(words: readonly string[] = [], options: StartOptions = {}): Promise<void> {
    const command = this.#rig.start("upkeep-web", ["--socket", this.socket, ...words], options);
    this.#command = command;
    await this.#rig.until("upkeep web to listen", async () => {
      if (command.ending !== undefined) throw new Error(`upkeep web has ended: ${command.stderr()}`);
      return existsSync(this.socket) && (await canConnect(this.socket));
    });
  }

  get command(): RunningCommand {
    if (this.#command === null) throw new Error("upkeep web was not started");
    return this.#command;
  }

  get pid(): number {
    return this.command.pid;
  }

  /** Asks for a path, and reads the whole answer. */
  async ask(path: string, { method = "GET", headers = {}, port }: Ask = {}): Promise<WebAnswer> {
    const where = port === undefined ? { socketPath: this.socket } : { host: "127.0.0.1", port };
    return await new Promise((resolve, reject) => {
      const asked = request({ ...where, path, method, headers: { Host: "localhost", ...headers }, agent: false });
      asked.on("error", reject);
      asked.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      });
      asked.end();
    });
  }

  /** Asks for JSON, which must come. */
  async json<T = unknown>(path: string, ask: Ask = {}): Promise<T> {
    const { status, text } = await this.ask(path, ask);
    if (status >= 300) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** Asks a service for something. */
  async act(path: string, headers: Readonly<Record<string, string>> = {}): Promise<WebAnswer> {
    return await this.ask(path, { method: "POST", headers: { "upkeep-control": "1", ...headers } });
  }

  /** Follows events. */
  follow(path: string, headers: Readonly<Record<string, string>> = {}): EventReader {
    return new EventReader(this.#rig, this.socket, path, headers);
  }

  /** Sends bytes, and returns what comes until the server closes the connection, or has answered `answers` times. */
  async raw(bytes: string | Buffer, answers = 1): Promise<string> {
    return await new Promise((resolve) => {
      const socket = connect(this.socket);
      let received = "";
      socket.on("connect", () => socket.write(bytes));
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1");
        if (received.split("HTTP/1.1 ").length > answers) socket.end();
      });
      socket.on("error", () => socket.destroy());
      socket.on("close", () => resolve(received));
    });
  }

  /** A connection that a test holds. */
  connect(): Socket {
    return connect(this.socket);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Result> {
    process.kill(this.pid, signal);
    return await this.#rig.result(this.command);
  }
}

/** Reads server-sent events as a browser does. */
export class EventReader {
  readonly #rig: TestRig;
  readonly #request: ReturnType<typeof request>;
  readonly events: ServerEvent[] = [];
  readonly path: string;
  lastId: string | null = null;
  isEnded = false;
  #buffer = "";

  constructor(rig: TestRig, socket: string, path: string, headers: Readonly<Record<string, string>>) {
    this.#rig = rig;
    this.path = path;
    const all = { Host: "localhost", Accept: "text/event-stream", ...headers };
    this.#request = request({ socketPath: socket, path, headers: all, agent: false });
    this.#request.on("error", () => (this.isEnded = true));
    this.#request.on("response", (response) => {
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => this.#take(chunk));
      for (const end of ["end", "error", "close"]) response.on(end, () => (this.isEnded = true));
    });
    this.#request.end();
  }

  #take(chunk: string): void {
    const parts = (this.#buffer + chunk).split("\n\n");
    this.#buffer = parts.pop() ?? "";
    for (const part of parts) {
      const fields = new Map(
        part.split("\n").map((line) => [line.replace(/:.*$/s, ""), line.replace(/^[^:]*: ?/, "")]),
      );
      const id = fields.get("id") ?? null;
      if (id !== null) this.lastId = id;
      const event = fields.get("event");
      if (event !== undefined) this.events.push({ event, id, data: JSON.parse(fields.get("data") ?? "null") });
    }
  }

  /** The data of all events of a name. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- whoever asks says what it is
  of<T>(event: string): readonly T[] {
    return this.events.flatMap((one) => (one.event === event ? [one.data as T] : []));
  }

  /** The lines of a log that have come. */
  lines(): readonly { readonly line: string; readonly stream: string; readonly time: string | null }[] {
    return this.of<readonly { line: string; stream: string; time: string | null }[]>("lines").flat();
  }

  async wait<T>(what: string, condition: () => T): Promise<Exclude<T, undefined | null | false | 0 | "">> {
    return await this.#rig.until(`${what} in events of ${this.path}`, () => {
      const found = condition();
      if (!found && this.isEnded) throw new Error(`the events of ${this.path} have ended: ${this.#buffer}`);
      return found;
    });
  }

  close(): void {
    this.#request.destroy();
  }
}

async function canConnect(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
