import { execFileSync } from "node:child_process";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemBin } from "../contender.ts";
import { Scratch } from "./scratch.ts";

/**
 * What a run script does after it has announced itself. By default it waits for a FIFO that nobody writes to, which the
 * shell can do by itself: so a start is one program and little work.
 */
export type Deed = (tree: Tree) => string;

const waiting: Deed = ({ never }) => `read -r _ <${never}`;

/** The files of one trial. */
export class Tree extends Scratch {
  /** Service directories that the suite must find by itself. */
  readonly scanDirectory: string = join(this.root, "service");
  /** Directories that the suite does not see yet, on the same file system. */
  readonly staging: string = join(this.root, "staging");
  /** FIFO into which the run scripts announce themselves. */
  readonly announce: string = join(this.root, "announce");
  /** FIFO that nobody writes to. */
  readonly never: string = join(this.root, "never");
  readonly #deed: Deed;

  constructor(deed: Deed = waiting) {
    super("in memory");
    this.#deed = deed;
    mkdirSync(this.scanDirectory);
    mkdirSync(this.staging);
    execFileSync(join(systemBin, "mkfifo"), [this.announce, this.never]);
  }

  /** Path of a service directory in the scan directory. */
  service(name: string): string {
    return join(this.scanDirectory, name);
  }

  /** Text of the `./run` of a service. */
  script(name: string): string {
    return `${this.announcing(name)}${this.#deed(this)}\n`;
  }

  /** The beginning of a script that announces itself by this name. */
  announcing(name: string): string {
    return `#!/bin/sh\necho "${name} $$" >${this.announce}\n`;
  }

  /** Makes a service directory that holds nothing but `./run`. */
  makeService(directory: string, name: string): void {
    mkdirSync(directory);
    writeFileSync(join(directory, "run"), this.script(name), { mode: 0o755 });
  }

  /**
   * Makes the scan directory look as if it had not changed for long: when it has changed within this second, runsvdir
   * waits for the next one.
   */
  makeOld(): void {
    const anHourAgo = Date.now() / 1000 - 3600;
    utimesSync(this.scanDirectory, anHourAgo, anHourAgo);
  }
}
