import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { TestRig } from "./test-rig.ts";

/** A directory that becomes the /etc of a container, or a part of it. */
export class EtcDirectory {
  protected readonly rig: TestRig;

  constructor(rig: TestRig) {
    this.rig = rig;
  }

  /** A path in this /etc, from outside. */
  etc(...names: readonly string[]): string {
    return this.rig.path("etc", ...names);
  }

  /** Makes a script in it. */
  script(path: string, ...lines: readonly string[]): this {
    return this.file(path, ["#!/bin/sh", ...lines, ""].join("\n"), 0o755);
  }

  file(path: string, content: string, mode = 0o644): this {
    mkdirSync(dirname(this.etc(path)), { recursive: true });
    writeFileSync(this.etc(path), content);
    chmodSync(this.etc(path), mode);
    return this;
  }
}
