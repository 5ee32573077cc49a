import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { lock } from "proper-lockfile";

import { progress } from "../progress.ts";
import { buildForNode } from "./for-node.ts";
import { fingerprint } from "./fingerprint.ts";
import { writeLibraries } from "./licences.ts";
import { buildPage, pageModule } from "./page.ts";
import { buildStandalone } from "./standalone.ts";
import { verify } from "./verify.ts";

export interface BuildOptions {
  /** Builds even if nothing has changed. */
  readonly force?: boolean;
}

const outputs = ["standalone", "node", "THIRD-PARTY-LICENSES.txt", "libraries.json"] as const;

/** Builds the commands into dist/, unless those there were made from the same sources. */
export async function build({ force = false }: BuildOptions = {}): Promise<void> {
  await mkdir("dist", { recursive: true });
  // A build takes seconds. A second one at the same time waits, and mostly finds its work done.
  const release = await lock("dist", {
    lockfilePath: "dist/.lock",
    retries: { retries: 240, factor: 1, minTimeout: 500 },
    stale: 10_000,
  });
  try {
    const wanted = fingerprint();
    if (!force && (await isBuiltFrom(wanted))) return;
    await rebuild(wanted);
  } finally {
    await release();
  }
}

async function rebuild(wanted: string): Promise<void> {
  const staging = "dist/.staging";
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging);
  progress("Bundling the page ...");
  const page = await buildPage();
  progress("Building the stand-alone executable ...");
  await buildStandalone(join(staging, "standalone"));
  progress("Bundling the commands for Node ...");
  const { bundled } = await buildForNode(join(staging, "node"));
  await writeLibraries(staging, [...bundled, ...page.bundled]);
  await verify(staging);

  // By rename, so that running commands keep the files of the build before, and nobody sees half a build.
  await rm("dist/stamp", { force: true });
  for (const name of outputs) {
    await rm(join("dist", name), { recursive: true, force: true });
    await rename(join(staging, name), join("dist", name));
  }
  await rm(staging, { recursive: true });
  await writeFile("dist/stamp", wanted);
}

async function isBuiltFrom(wanted: string): Promise<boolean> {
  const stamp = await readFile("dist/stamp", "utf8").catch(() => "");
  if (stamp !== wanted) return false;
  const present = new Set(await readdir("dist"));
  // A release makes further executables of it.
  if (!existsSync(pageModule)) return false;
  return outputs.every((name) => present.has(name));
}
