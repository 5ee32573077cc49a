import { closeSync, statSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import { openDatagramSocket } from "../../src/fd/datagram-socket.ts";
import { isCloseOnExec } from "../../src/fd/descriptor.ts";
import { readAvailable } from "../../src/fd/readable.ts";
import { tempDirectory } from "../helpers/temp.ts";

test("a datagram socket has the mode that is asked for, whatever the umask, and blocks nobody", () => {
  using directory = tempDirectory();
  const path = directory.path("log");
  const fd = openDatagramSocket(path, 0o666);
  expect(statSync(path).isSocket()).toBe(true);
  expect(statSync(path).mode & 0o7777).toBe(0o666);
  expect(isCloseOnExec(fd)).toBe(true);
  expect(readAvailable(fd, new Uint8Array(8))).toBe(-1);
  closeSync(fd);
});

test("a socket that nobody reads is replaced, one that somebody reads is not", () => {
  using directory = tempDirectory();
  const path = directory.path("log");
  closeSync(openDatagramSocket(path, 0o666));
  const fd = openDatagramSocket(path, 0o666);
  expect(() => openDatagramSocket(path, 0o666)).toThrow(`bind ${path}: address already used`);
  expect(statSync(path).isSocket()).toBe(true);
  closeSync(fd);
});

test("nothing else is removed for a socket", () => {
  using directory = tempDirectory();
  const path = directory.path("log");
  writeFileSync(path, "precious");
  expect(() => openDatagramSocket(path, 0o666)).toThrow(`bind ${path}: file already exists`);
  expect(statSync(path).size).toBe(8);
});

test("a directory that is not there and a path that is too long are errors", () => {
  using directory = tempDirectory();
  expect(() => openDatagramSocket(directory.path("no/log"), 0o666)).toThrow("file does not exist");
  expect(() => openDatagramSocket(directory.path("x".repeat(108)), 0o666)).toThrow("file name too long");
});
