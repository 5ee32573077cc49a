import { existsSync } from "node:fs";
import { mkdir, mkdtemp, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";

import { systemBin } from "../suites/system-path.ts";

/** The files of one trial. */
export interface Tree {
  readonly root: string;
  /** Service directories that the suite is to find by itself. */
  readonly scanDirectory: string;
  /** What is prepared outside of the suite's sight. On the same file system. */
  readonly staging: string;
  /** FIFO into which the run scripts announce themselves. */
  readonly announce: string;
  /** Text of the `./run` of a service. */
  script(name: string): string;
}

/** Where trials have their files: in memory, since small files on a disk could cost more than all else. */
export const baseDirectory: string = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** What a run script does once it has announced itself; `never` is a FIFO that nobody writes to. */
export type Deed = (never: string) => string;

/** Waits at no cost: with what the shell has built in, so that a start is one program and little work. */
export const wait: Deed = (never) => `read -r _ <${never}`;

/** Makes the empty directories and the FIFOs of a trial whose services do this. */
export async function createTree(deed: Deed): Promise<Tree> {
  const root = await mkdtemp(join(baseDirectory, "upkeep-bench-"));
  const never = join(root, "never");
  const announce = join(root, "announce");
  const tree: Tree = {
    root,
    scanDirectory: join(root, "service"),
    staging: join(root, "staging"),
    announce,
    script: (name) => `${announcing(announce, name)}${deed(never)}\n`,
  };
  await Promise.all([
    mkdir(tree.scanDirectory),
    mkdir(tree.staging),
    execa(join(systemBin, "mkfifo"), [announce, never]),
  ]);
  return tree;
}

/** The beginning of a script that announces itself by this name. */
export function announcing(fifo: string, name: string): string {
  return `#!/bin/sh\necho "${name} $$" >${fifo}\n`;
}

/** Makes a service directory that holds nothing but `./run`. */
export async function createServiceDirectory(directory: string, script: string): Promise<void> {
  await mkdir(directory);
  await writeFile(join(directory, "run"), script, { mode: 0o755 });
}

/**
 * Lets the scan directory look as if it had long been as it is.
 *
 * runsvdir waits for the next second when the directory has changed within this one.
 */
export async function makeOld(directory: string): Promise<void> {
  const anHourAgo = Date.now() / 1000 - 3600;
  await utimes(directory, anHourAgo, anHourAgo);
}
