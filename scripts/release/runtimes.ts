import { cp, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { execa } from "execa";

import type { Target } from "./targets.ts";

const manifests = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"] as const;
const directory = "dist/runtimes";

/** Fetches the runtimes of all targets, as their lockfile names them. What has been fetched before is kept. */
export async function fetchRuntimes(): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of manifests) await cp(join("scripts/release/runtimes", name), join(directory, name));
  const { config } = JSON.parse(await readFile("package.json", "utf8")) as {
    readonly config: { readonly pnpm: string };
  };
  await execa("npx", ["--yes", "--loglevel=error", `pnpm@${config.pnpm}`, "install", "--frozen-lockfile"], {
    cwd: directory,
    stdin: "ignore",
  });
}

/** The file of a target's runtime, once {@link fetchRuntimes} has fetched it. */
export function runtimeOf({ runtime }: Target): string {
  return resolve(directory, "node_modules", runtime, "bin/bun");
}
