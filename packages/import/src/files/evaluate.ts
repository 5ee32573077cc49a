import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { reasonOf } from "@upkeep/linux/core/errno";
import { nameOf, pathOfName } from "@upkeep/linux/core/name-text";
import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { spawn } from "@upkeep/linux/exec/spawn";
import { readFile } from "@upkeep/linux/fd/files";
import { decodeExit, type Exit, reapChildren } from "@upkeep/linux/process/wait";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { FatalError } from "@upkeep/program/process/run-program";

/** Writes what the first file exports into the second one, as JSON. */
const program = `
const [file, result] = process.argv.slice(1);
import(require("node:url").pathToFileURL(file).href).then((exported) =>
  require("node:fs").writeFileSync(result, JSON.stringify(exported.default ?? exported)));
`;
/** In ms: how long it may take, and how often to look whether it has ended. */
const patience = 30_000;
const pause = 10;
/** Bytes of the result. */
const largest = 16 * 1024 ** 2;

/**
 * Runs a JavaScript file with node, in a process of its own, and returns what it exports as JSON. What it prints goes to
 * our standard error. Throws FatalError.
 */
export function evaluate(file: string): string {
  const directory = mkdtempSync(join(tmpdir(), "upkeep-import-"));
  const result = join(directory, "exports.json");
  const nothing = openSync("/dev/null", "r");
  try {
    const started = spawn({
      path: "node",
      searchPath: true,
      argv: ["node", "-e", program, resolve(file), result],
      environment: inheritedEnvironment(),
      newSession: false,
      stdio: [nothing, 2, 2],
    });
    if (!started.ok) throw new FatalError(`unable to run node, which is to read it: ${reasonOf(started.errno)}`, file);
    const exit = endOf(started.pid);
    if (exit === null) throw new FatalError(`node has not read it in ${patience / 1000} s`, file);
    if (exit.kind !== "exited" || exit.code !== 0) throw new FatalError("node was unable to read it", file);
    return nameOf(readFile(pathOfName(result), { limit: largest }));
  } finally {
    closeSync(nothing);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Waits for the end of a process; kills it when it takes too long, and returns null. */
function endOf(pid: number): Exit | null {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; waited < patience; waited += pause) {
    const reaped = reapChildren().find((each) => each.pid === pid);
    if (reaped !== undefined) return decodeExit(reaped.status);
    Atomics.wait(clock, 0, 0, pause);
  }
  sendSignal(pid, "SIGKILL");
  return null;
}
