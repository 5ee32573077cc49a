import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";

import type { Suite } from "../suites.ts";
import { FedLogger } from "./fed-logger.ts";
import { type Stage, takeStages } from "./stages.ts";

const blockSize = 1024 * 1024;

/** Logs one huge line and others of many lengths, once without rotation and once with it, and compares the bytes. */
export async function longLines(suite: Suite, megabytes: number, longest: number): Promise<readonly Stage[]> {
  const stages: Stage[] = [];
  for (const config of ["s0", "n0"]) {
    for (const stage of await logLongLines(suite, config, megabytes * 1e6, longest)) {
      stages.push({ ...stage, label: `${config} ${stage.label}` });
    }
  }
  return stages;
}

async function logLongLines(suite: Suite, config: string, size: number, longest: number): Promise<readonly Stage[]> {
  await using logger = await FedLogger.start(suite, [], `${config}\n`);
  const hash = createHash("sha256");
  let written = 0;
  let isStopped = false;
  const write = async (bytes: Buffer): Promise<void> => {
    for (let at = 0; at < bytes.length && !isStopped;) at += (await logger.input.write(bytes, at)).bytesWritten;
    hash.update(bytes);
    written += bytes.length;
  };
  const feed = async (): Promise<void> => {
    for (const length of lengths(size)) {
      for (let left = length; left > 0 && !isStopped; left -= blockSize) await write(textOf(Math.min(left, blockSize)));
      await write(Buffer.from("\n"));
    }
  };
  const work = { done: () => written, total: 2 * size, processes: [logger.pid], longest };
  const [stages] = await Promise.all([takeStages(work).finally(() => (isStopped = true)), feed()]);
  if (stages.at(-1)?.label !== "100 %") return stages;
  await logger.end();
  const kept = createHash("sha256");
  for (const path of logger.files()) {
    for await (const bytes of createReadStream(path)) kept.update(bytes as Buffer);
  }
  if (kept.digest("hex") !== hash.digest("hex")) throw new Error(`${config}: the files hold other bytes`);
  return stages;
}

/** The huge line, and then about as much in others of up to 16 blocks, most of them short. */
function* lengths(size: number): Generator<number> {
  yield size;
  for (let left = size; left > 0;) {
    const length = Math.floor(2 ** (Math.random() * 24));
    yield length;
    left -= length + 1;
  }
}

const noise = Buffer.from(randomBytes(2 * blockSize).map((byte) => (byte === 10 ? 0 : byte)));

/** So many bytes without a newline, different each time. */
function textOf(length: number): Buffer {
  const from = Math.floor(Math.random() * (noise.length - length + 1));
  return noise.subarray(from, from + length);
}
