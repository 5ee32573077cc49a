import { readFile } from "node:fs/promises";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join, resolve } from "node:path";

import { execa } from "execa";

import { type Contender, systemBin } from "../contender.ts";

/** What the figures depend on. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  /** In GB. */
  readonly memory: number;
  readonly kernel: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Processes that wanted to run in the minute before the measurements. */
  readonly load: number;
  readonly date: string;
}

/** Finds out what the figures depend on. */
export async function describeMachine(contenders: readonly Contender[]): Promise<Machine> {
  const packages = contenders.flatMap((contender) => contender.package ?? []);
  const versions = await Promise.all(packages.map(async (name) => [name, await packageVersion(name)] as const));
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    memory: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    versions: {
      Upkeep: await ownVersion("package.json"),
      Bun: await ownVersion("node_modules/bun/package.json"),
      Node: process.versions.node,
      ...Object.fromEntries(versions),
    },
    load: loadavg()[0] ?? Number.NaN,
    date: new Date().toISOString().slice(0, 10),
  };
}

async function ownVersion(manifest: string): Promise<string> {
  const text = await readFile(resolve(import.meta.dirname, "../../..", manifest), "utf8").catch(() => "{}");
  const { version } = JSON.parse(text) as { version?: string };
  return version ?? "unknown";
}

async function packageVersion(name: string): Promise<string> {
  const query = ["-W", "-f", "${Version}", name];
  const { stdout, failed } = await execa(join(systemBin, "dpkg-query"), query, { reject: false });
  return failed ? "unknown" : stdout;
}

/** The machine in one paragraph. */
export function renderMachine({ cores, processor, memory, kernel, versions, load, date }: Machine): string {
  const parts = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${cores} cores (${processor}), ${memory} GB, Linux ${kernel}; ${parts.join(", ")}; load before the run ${load.toFixed(2)}; ${date}.`;
}
