import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { shellScript } from "./files.ts";
import type { TestRig } from "./test-rig.ts";

/** A directory of the rig that a test fills step by step: `tree.file("a/b", "text").script("c", "exit 0")`. */
export class FileTree {
  protected readonly rig: TestRig;
  readonly #root: string;

  /** @param place its path in the rig's directory. */
  constructor(rig: TestRig, place: string) {
    this.rig = rig;
    this.#root = rig.path(place);
    mkdirSync(this.#root, { recursive: true });
  }

  /** Where something in it is, or would be. */
  inside(...names: readonly string[]): string {
    return join(this.#root, ...names);
  }

  /** Makes an executable script of sh. */
  script(path: string, ...lines: readonly string[]): this {
    return this.file(path, shellScript(...lines), 0o755);
  }

  /** Makes a file; an empty one if there is no content. */
  file(path: string, content = "", mode = 0o644): this {
    const file = this.#withParent(path);
    writeFileSync(file, content);
    chmodSync(file, mode);
    return this;
  }

  /** Makes a symbolic link. */
  link(path: string, target: string): this {
    symlinkSync(target, this.#withParent(path));
    return this;
  }

  #withParent(path: string): string {
    const file = this.inside(path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  }
}
