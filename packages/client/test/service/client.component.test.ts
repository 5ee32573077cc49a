import { Buffer } from "node:buffer";
import { closeSync, mkdirSync, readSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { hasFile, probe, send, troubleOf } from "@upkeep/client/service/client";
import { openControlFifo, openOkFifo } from "@upkeep/supervise/fifo/supervisor-end";
import { afterAll, describe, expect, test } from "vitest";

import { makeServices, up } from "../helpers/services.ts";

const services = makeServices();
afterAll(() => services.dispose());

const at = (name: string): string => join(services.root, name);

/** What is said about a service that cannot be used. */
function troubleAt(path: string | null): string {
  const found = probe({ label: "x", path });
  if (found.kind === "supervised") return "";
  const { severity, message } = troubleOf(found);
  return `${severity}: ${message}`;
}

describe("a service with a supervisor", () => {
  test("shows its status", () => {
    const { path } = services.supervise("running");
    expect(probe({ label: "x", path })).toEqual({
      kind: "supervised",
      path,
      supervise: `${path}/supervise`,
      record: up,
    });
  });

  test("gets all commands with one write, in order", () => {
    const { path, controlFd } = services.supervise("sent");
    expect(send(path, ["term", "cont", "up"])).toBeNull();
    const bytes = Buffer.alloc(10);
    expect(bytes.toString("latin1", 0, readSync(controlFd, bytes))).toBe("tcu");
  });

  test("whose status has more than a record's bytes is read as runit reads it", () => {
    const { path } = services.supervise("long");
    writeFileSync(join(path, "supervise/status"), "more", { flag: "a" });
    expect(probe({ label: "x", path })).toMatchObject({ kind: "supervised", record: up });
  });
});

describe("trouble", () => {
  const enter = "fail: unable to change to service directory";

  test("with the directory", () => {
    writeFileSync(at("file"), "");
    symlinkSync("loop", at("loop"));
    expect(troubleAt(null)).toBe(`${enter}: file does not exist`);
    expect(troubleAt(at("missing"))).toBe(`${enter}: file does not exist`);
    expect(troubleAt(at("file"))).toBe(`${enter}: not a directory`);
    expect(troubleAt(at("loop"))).toBe(`${enter}: symbolic link loop`);
  });

  test("with a service that nobody ever supervised", () => {
    mkdirSync(at("fresh"));
    expect(troubleAt(at("fresh"))).toBe("warning: unable to open supervise/ok: file does not exist");
  });

  test("with a supervisor that is gone", () => {
    mkdirSync(at("gone/supervise"), { recursive: true });
    closeSync(openOkFifo(at("gone/supervise/ok"), "supervise/ok"));
    expect(troubleAt(at("gone"))).toBe("fail: runsv not running");
  });

  test("with the status file", () => {
    const { path } = services.supervise("broken");
    writeFileSync(join(path, "supervise/status"), "short");
    expect(troubleAt(path)).toBe("warning: unable to read supervise/status: bad format");
    rmSync(join(path, "supervise/status"));
    expect(troubleAt(path)).toBe("warning: unable to open supervise/status: file does not exist");
    mkdirSync(join(path, "supervise/status"));
    expect(troubleAt(path)).toBe("warning: unable to read supervise/status: is a directory");
  });

  test("with the control FIFO", () => {
    const { path } = services.supervise("deaf");
    rmSync(join(path, "supervise/control"));
    const message = "unable to open supervise/control: file does not exist";
    expect(send(path, ["up"])).toEqual({ kind: "unusable", message });
  });

  test("that a read of the status meets", () => {
    const { path } = services.supervise("failing");
    rmSync(join(path, "supervise/status"));
    // Its owner may be somebody else, who must not make us read what he cannot.
    symlinkSync("/proc/self/stat", join(path, "supervise/status"));
    expect(troubleAt(path)).toBe("warning: unable to read supervise/status: not a regular file");
  });

  test("with a supervisor that has gone since it was probed", () => {
    mkdirSync(at("left/supervise"), { recursive: true });
    closeSync(openControlFifo(at("left/supervise/control"), "supervise/control"));
    expect(send(at("left"), ["up"])).toEqual({ kind: "not running" });
  });

  test("with a pattern that matches nothing", () => {
    const found = probe({ label: "x*", path: at("x*"), unmatched: services.root });
    expect(found).toEqual({ kind: "no match", directory: services.root });
    expect(found.kind === "supervised" || troubleOf(found).message).toBe(
      `no service matches this pattern in ${services.root}`,
    );
  });

  test("with a control FIFO that is full", () => {
    const { path } = services.supervise("full");
    const message = "unable to write to supervise/control: temporary failure";
    for (let count = 0; count < 100_000; count++) {
      const refused = send(path, ["hup", "hup", "hup", "hup", "hup", "hup", "hup", "hup"]);
      if (refused === null) continue;
      expect(refused).toEqual({ kind: "unusable", message });
      return;
    }
    throw new Error("the FIFO never became full");
  });
});

describe("down file", () => {
  test("is looked for at each call", () => {
    mkdirSync(at("normal"));
    expect(hasFile(at("normal"), "x", "down")).toBe(false);
    writeFileSync(at("normal/down"), "");
    expect(hasFile(at("normal"), "x", "down")).toBe(true);
  });

  test("that cannot be looked for is an error which names the service", () => {
    mkdirSync(at("odd"));
    symlinkSync("down", at("odd/down"));
    expect(() => hasFile(at("odd"), "x", "down")).toThrow("unable to stat x/down: symbolic link loop");
  });
});
