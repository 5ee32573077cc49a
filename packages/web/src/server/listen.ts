import { chmodSync, lstatSync, mkdirSync, unlinkSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";

import { errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { FatalError } from "@upkeep/program/process/run-program";

import type { Listening } from "../core/address.ts";

/** Only the user and the group of the server may connect: they need to write to the socket. */
const socketMode = 0o660;
const othersMask = 0o117;

/** Begins to listen. Returns where, in words. Throws {@link FatalError}. */
export async function listen(server: Server, listening: Listening): Promise<string> {
  if (listening.kind === "socket") {
    const { path } = listening;
    await makeWay(path);
    // From its birth, not only once the mode has been changed.
    const mask = process.umask(othersMask);
    try {
      await begin(server, { path }, path);
    } finally {
      process.umask(mask);
    }
    chmodSync(path, socketMode);
    return path;
  }
  const { address, port } = listening;
  const place = address.includes(":") ? `[${address}]` : address;
  await begin(server, { host: address, port }, `${place}:${port}`);
  const bound = server.address();
  return `${place}:${typeof bound === "object" && bound !== null ? bound.port : port}`;
}

async function begin(
  server: Server,
  where: { readonly path: string } | { readonly host: string; readonly port: number },
  words: string,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: Error): void =>
      reject(new FatalError(`unable to listen on ${words}: ${reason(error)}`, null));
    server.once("error", refuse);
    server.listen(where, () => {
      server.off("error", refuse);
      resolve();
    });
  });
}

/** Removes the socket of a server that has gone. One that answers stays, and so does whatever is no socket. */
async function makeWay(path: string): Promise<void> {
  try {
    mkdirSync(dirname(path), { mode: 0o755 });
  } catch {
    // It is there, or listening says why not.
  }
  let isSocket: boolean;
  try {
    isSocket = lstatSync(path).isSocket();
  } catch (error) {
    if (errnoOf(error) === errno.ENOENT) return;
    throw new FatalError(SystemError.from(`stat ${path}`, error).message, null);
  }
  if (!isSocket || (await answers(path)))
    throw new FatalError(`unable to listen on ${path}: address already used`, null);
  try {
    unlinkSync(path);
  } catch (error) {
    throw new FatalError(SystemError.from(`remove ${path}`, error).message, null);
  }
}

/** Whether somebody listens there. Whoever may not ask must not take the place either. */
async function answers(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", (error) => resolve(errnoOf(error) !== errno.ECONNREFUSED));
  });
}

function reason(error: unknown): string {
  const number = errnoOf(error);
  return number === 0 ? String(error) : reasonOf(number);
}
