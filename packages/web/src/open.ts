import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

import { createDiagnostics } from "@upkeep/program/messages/diagnostics";
import { internalError } from "@upkeep/program/process/run-program";
import { returnMemory } from "@upkeep/program/process/small-memory";

import type { Rules } from "./core/access.ts";
import { createDirectories } from "./look/directories.ts";
import { createHealthDesk } from "./look/health.ts";
import { createLooking } from "./look/looking.ts";
import { createCollector } from "./metrics/collect.ts";
import { limitConnections } from "./server/connections.ts";
import { createEvents } from "./server/events.ts";
import { type Desk, handle } from "./server/handler.ts";
import { listen } from "./server/listen.ts";
import { respondError } from "./server/respond.ts";
import type { Token } from "./server/token.ts";

/** What the server is made of. */
export interface Plan {
  readonly rules: Rules;
  readonly token: Token | null;
  /** Absolute paths. */
  readonly directories: readonly string[];
}

/** A server that listens. */
export interface OpenServer {
  /** Where, in words. */
  readonly where: string;
  /** Stops listening, and cuts off all readers. */
  close(): void;
}

/** Bytes of the head of a request. */
const longestHead = 16_384;

/** Puts the server together, and listens. Throws FatalError. */
export async function openServer({ rules, token, directories: paths }: Plan): Promise<OpenServer> {
  const { warning } = createDiagnostics("upkeep web");
  const directories = createDirectories(paths);
  // Names this process for readers that come back.
  const events = createEvents(directories, rules.mayControl, randomBytes(6).toString("hex"));
  const looking = createLooking(warning);
  const desk: Desk = {
    rules,
    token,
    directories,
    events,
    looking,
    logReaders: 0,
    health: createHealthDesk(looking),
    collector: createCollector(directories),
  };
  const { onWork } = returnMemory();
  onWork();
  const server = createServer(
    // Each limit of time would need a timer that never rests: see connections.ts.
    { maxHeaderSize: longestHead, requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 2 ** 30 },
    (request, response) => {
      response.on("close", onWork);
      handle(desk, request, response).catch((error: unknown) => {
        warning(internalError(error));
        if (response.headersSent) response.destroy();
        else respondError(response, "internal", "this is a defect of upkeep web");
      });
    },
  );
  server.keepAliveTimeout = 0;
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else socket.destroy();
  });
  limitConnections(server);
  const where = await listen(server, rules.listening);
  return {
    where,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
