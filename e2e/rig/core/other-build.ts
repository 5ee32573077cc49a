/* Builds in places of the test's own, and a link that leads to one of them, as an upgrade switches it. */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { repositoryRoot } from "./files.ts";
import type { Suite } from "./suites.ts";

/** The version of the sources. */
export const version: string = (
  JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as { readonly version: string }
).version;

/** One of the same length. */
export const otherVersion: string = version.replaceAll(/\d/g, "7");

/** Copies the build of a suite into `directory`, and changes the version that it gives itself. Returns its commands' place. */
export function makeOtherVersion(suite: Suite, directory: string): string {
  const bin = join(directory, "bin");
  // The bundles load what lies beside them.
  cpSync(join(suite.bin, ".."), directory, { recursive: true, verbatimSymlinks: true });
  for (const entry of readdirSync(bin, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(bin, entry.name);
    const text = readFileSync(path, "latin1");
    if (text.includes(version)) writeFileSync(path, Buffer.from(text.replaceAll(version, otherVersion), "latin1"));
  }
  return bin;
}

/** A directory of commands that leads to one build after the other. */
export class SwitchedBuild {
  readonly #link: string;
  readonly #suite: Suite;
  readonly #root: string;
  #count = 0;

  /** @param root a directory for what it needs. */
  constructor(suite: Suite, root: string) {
    this.#suite = suite;
    this.#root = root;
    this.#link = join(root, "current");
    mkdirSync(root, { recursive: true });
    this.switchTo(suite.bin);
  }

  /** `PATH` by which its commands are found. */
  get path(): string {
    return [this.#link, this.#suite.path].join(delimiter);
  }

  command(name: string): string {
    return join(this.#link, name);
  }

  /** Lets the link lead elsewhere, in one step. */
  switchTo(bin: string): void {
    symlinkSync(bin, `${this.#link}.new`);
    renameSync(`${this.#link}.new`, this.#link);
  }

  /** Lets it lead to the commands of the suite, of which these are replaced by scripts of sh; null: there is none. */
  switchToScripts(scripts: Readonly<Record<string, string | null>>): void {
    const bin = join(this.#root, `scripts-${this.#count++}`);
    mkdirSync(bin);
    for (const name of readdirSync(this.#suite.bin)) {
      if (!(name in scripts)) symlinkSync(this.#suite.command(name), join(bin, name));
    }
    for (const [name, text] of Object.entries(scripts)) {
      if (text === null) continue;
      writeFileSync(join(bin, name), text);
      chmodSync(join(bin, name), 0o755);
    }
    this.switchTo(bin);
  }
}
