import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { SystemError } from "@upkeep/linux/core/errno";
import type { Command } from "@upkeep/supervise/core/command";
import { isSupervised, writeToFifo } from "@upkeep/supervise/fifo/client-end";
import { listenTo } from "@upkeep/supervise/fifo/waiters";
import { afterAll, expect, test } from "vitest";

import type { StatusFiles } from "../../src/core/status.ts";
import { createSuperviseFiles, isGone, type SuperviseFiles } from "../../src/engine/supervise-files.ts";
import { makeDirectories } from "../helpers/directories.ts";
import { until } from "../helpers/until.ts";

const directories = makeDirectories("supervise-files");
afterAll(directories.remove);

const content: StatusFiles = { pid: "7\n", stat: "run\n", status: new Uint8Array([0, 255, 128]), "state.json": "{}\n" };

/** The supervise directory of a fresh service, and our side of it, with its lock open. */
function open(label: "" | "log/" = ""): { readonly path: string; readonly files: SuperviseFiles } {
  const { path, directory } = directories.make();
  const files = createSuperviseFiles(directory, label);
  files.openLock();
  return { path: join(path, "supervise"), files };
}

/** Which file is there: a file that is replaced is another one. */
function inodes(path: string): Record<string, number> {
  const names = ["pid", "stat", "status", "state.json"];
  return Object.fromEntries(names.map((name) => [name, statSync(join(path, name)).ino]));
}

function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return expect.unreachable("nothing was thrown");
}

test("all files are written at first, and nothing else is left there", () => {
  const { path, files } = open();
  files.publish(content);
  expect(readdirSync(path).toSorted()).toEqual(["lock", "ok", "pid", "stat", "state.json", "status"]);
  expect(readFileSync(join(path, "pid"), "utf8")).toBe("7\n");
  expect(readFileSync(join(path, "stat"), "utf8")).toBe("run\n");
  expect([...readFileSync(join(path, "status"))]).toEqual([0, 255, 128]);
  expect(readFileSync(join(path, "state.json"), "utf8")).toBe("{}\n");
});

test("only files whose content has changed are written again", () => {
  const { path, files } = open();
  files.publish(content);
  const before = inodes(path);
  files.publish({ ...content, status: new Uint8Array(content.status) });
  expect(inodes(path)).toEqual(before);
  files.publish({ ...content, stat: "down\n" });
  const after = inodes(path);
  expect({ ...after, stat: 0 }).toEqual({ ...before, stat: 0 });
  expect(after["stat"]).not.toBe(before["stat"]);
  files.publish({ ...content, stat: "down\n", status: new Uint8Array([0, 255, 129]) });
  expect([...readFileSync(join(path, "status"))]).toEqual([0, 255, 129]);
});

test("files that were written before a failure are not written again", () => {
  const { path, files } = open();
  mkdirSync(join(path, "status.new"));
  const error = thrownBy(() => files.publish(content));
  expect(error).toBeInstanceOf(SystemError);
  expect((error as SystemError).message).toBe("unable to open supervise/status.new: is a directory");
  expect(isGone(error)).toBe(false);
  const before = statSync(join(path, "pid")).ino;
  rmSync(join(path, "status.new"), { recursive: true });
  files.publish(content);
  expect(inodes(path)["pid"]).toBe(before);
  expect(readFileSync(join(path, "state.json"), "utf8")).toBe("{}\n");
});

test("a file that cannot be written throws, and stays as it was", () => {
  const { path, files } = open();
  files.publish(content);
  mkdirSync(join(path, "stat.new"));
  const changed = { ...content, stat: "down\n" };
  expect(() => files.publish(changed)).toThrow("unable to open supervise/stat.new: is a directory");
  expect(readFileSync(join(path, "stat"), "utf8")).toBe("run\n");
  rmdirSync(join(path, "stat.new"));
  files.publish(changed);
  expect(readFileSync(join(path, "stat"), "utf8")).toBe("down\n");
});

test("no link leads what is written to another file", () => {
  const { path, files } = open();
  const other = join(path, "other");
  writeFileSync(other, "kept");
  symlinkSync(other, join(path, "stat.new"));
  files.publish(content);
  expect([readFileSync(other, "utf8"), readFileSync(join(path, "stat"), "utf8")]).toEqual(["kept", "run\n"]);
});

test("a directory that was removed is gone, also where there is another one", () => {
  const { path, files } = open();
  files.publish(content);
  rmSync(path, { recursive: true });
  expect(isGone(thrownBy(() => files.publish(content)))).toBe(true);
  mkdirSync(path);
  const error = thrownBy(() => files.publish({ ...content, pid: "8\n" }));
  expect(isGone(error)).toBe(true);
  expect((error as SystemError).message).toBe("unable to open supervise/pid.new: file does not exist");
  expect(readdirSync(path)).toEqual([]);
});

test("what was closed is gone, and is written as a whole when it is open again", () => {
  const { path, files } = open();
  files.publish(content);
  files.close();
  expect(isGone(thrownBy(() => files.publish(content)))).toBe(true);
  rmSync(path, { recursive: true });
  files.openLock();
  files.publish(content);
  expect(Object.keys(inodes(path))).toHaveLength(4);
});

test("the lock is the one of all supervisors, and closing gives it back", () => {
  const { directory } = directories.make();
  const [first, second] = [createSuperviseFiles(directory, ""), createSuperviseFiles(directory, "")];
  expect(first.openLock().tryLock()).toBe(true);
  const lock = second.openLock();
  expect(lock.tryLock()).toBe(false);
  first.close();
  expect(lock.tryLock()).toBe(true);
});

test("messages call the files of a log by its directory", () => {
  const { files } = open("log/");
  expect(files.at("control")[1]).toBe("log/supervise/control");
  expect(open().files.at("control")[1]).toBe("supervise/control");
});

test("commands come from the control FIFO in their order, and other bytes mean nothing", async () => {
  const { path, files } = open();
  const came: Command[] = [];
  files.openControl({
    onCommands: (commands) => came.push(...commands),
    onError: () => expect.unreachable(),
  });
  expect(writeToFifo(join(path, "control"), "control", "d?u\n1")).toBe(true);
  await until(() => came.length === 3);
  expect(came).toEqual(["down", "up", "1"]);
  files.close();
  // Bun closes its copy of the descriptor a moment later.
  await until(() => !writeToFifo(join(path, "control"), "control", "d"));
});

test("something else in the place of a FIFO is named", () => {
  const { path, files } = open();
  writeFileSync(join(path, "control"), "");
  rmSync(join(path, "ok"));
  writeFileSync(join(path, "ok"), "");
  const openControl = (): void => files.openControl({ onCommands: () => {}, onError: () => {} });
  expect(openControl).toThrow("supervise/control exists but is not a fifo");
  expect(() => files.openOk()).toThrow("supervise/ok exists but is not a fifo");
});

test("others see a supervisor from the ok FIFO on, until it closes", () => {
  const { path, files } = open();
  files.openOk();
  expect(isSupervised(join(path, "ok"), "ok")).toBe(true);
  files.close();
  expect(isSupervised(join(path, "ok"), "ok")).toBe(false);
});

test("dependants that listen are woken, wherever the service directory has been moved", async () => {
  const { path, files } = open();
  const service = join(path, "..");
  renameSync(service, `${service}-moved`);
  const told = Promise.withResolvers<void>();
  const listener = listenTo(`${service}-moved/supervise`, "web", () => told.resolve());
  files.wakeWaiters();
  await told.promise;
  listener?.close();
});

test("what a former supervisor has left as it is to be is not written again", () => {
  const { path, files } = open();
  files.publish(content);
  const before = inodes(path);
  files.close();
  files.openLock();
  files.recall();
  files.publish({ ...content, stat: "run, got TERM\n" });
  const after = inodes(path);
  expect([after["pid"], after["status"]]).toEqual([before["pid"], before["status"]]);
  expect(after["stat"]).not.toBe(before["stat"]);
  // It names the supervisor, which is another one.
  expect(after["state.json"]).not.toBe(before["state.json"]);
  expect(readFileSync(join(path, "stat"), "utf8")).toBe("run, got TERM\n");
});
