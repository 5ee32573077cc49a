import { cp, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";

import { execa } from "execa";

import { rootManifest } from "../manifest.ts";
import type { Target } from "./targets.ts";

const manifests = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"] as const;
const source = "scripts/release/runtimes";
const directory = "dist/runtimes";

/** What names the runtimes and their checksums. */
export const runtimesLockfile = `${source}/pnpm-lock.yaml`;

/** Fetches the runtimes of all targets, as their lockfile names them. What has been fetched before is kept. */
export async function fetchRuntimes(): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of manifests) await cp(join(source, name), join(directory, name));
  await execa(
    "npx",
    ["--yes", "--loglevel=error", `pnpm@${rootManifest().config.pnpm}`, "install", "--frozen-lockfile"],
    {
      cwd: directory,
      stdin: "ignore",
    },
  );
}

/** The file of a target's runtime, once {@link fetchRuntimes} has fetched it. */
export function runtimeOf({ runtime }: Target): string {
  return resolve(directory, "node_modules", runtime, "bin/bun");
}
