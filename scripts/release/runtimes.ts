import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { execa } from "execa";

import { rootManifest } from "../manifest.ts";
import { type Install, namesIn, subsetOf } from "./subset.ts";
import type { Target } from "./targets.ts";

const source = "scripts/release/runtimes";
const directory = "dist/runtimes";

/** What names the runtimes and their checksums. */
export const runtimesLockfile = `${source}/pnpm-lock.yaml`;

/** Fetches the runtimes of targets, as their lockfile names them, and koffi's parts for all. What is there is kept. */
export async function fetchRuntimes(targets: readonly Target[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  const all = await readInstall(source);
  const there = namesIn(await readFile(join(directory, "package.json"), "utf8").catch(() => "{}"));
  const isWanted = (name: string): boolean =>
    name.startsWith("@koromix/") || there.includes(name) || targets.some(({ runtime }) => runtime === name);
  const { manifest, lockfile } = subsetOf(all, isWanted);
  await writeFile(join(directory, "package.json"), manifest);
  await writeFile(join(directory, "pnpm-lock.yaml"), lockfile);
  await cp(join(source, "pnpm-workspace.yaml"), join(directory, "pnpm-workspace.yaml"));
  await execa(
    "npx",
    ["--yes", "--loglevel=error", `pnpm@${rootManifest().config.pnpm}`, "install", "--frozen-lockfile"],
    {
      cwd: directory,
      stdin: "ignore",
    },
  );
}

async function readInstall(path: string): Promise<Install> {
  const read = (name: string): Promise<string> => readFile(join(path, name), "utf8");
  return { manifest: await read("package.json"), lockfile: await read("pnpm-lock.yaml") };
}

/** The file of a target's runtime, once {@link fetchRuntimes} has fetched it. */
export function runtimeOf({ runtime }: Target): string {
  return resolve(directory, "node_modules", runtime, "bin/bun");
}
