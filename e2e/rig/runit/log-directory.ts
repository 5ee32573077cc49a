import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contentOf } from "../core/files.ts";
import type { TestRig } from "../core/test-rig.ts";

/** A log directory, as a reader of logs sees it. */
export class LogDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Content of a file, a character for each byte; empty when it is not there. */
  content(name: string): string {
    return contentOf(this.file(name), "latin1");
  }

  current(): string {
    return this.content("current");
  }

  /** Access bits, in octal: "744". */
  mode(name: string): string {
    return (statSync(this.file(name)).mode & 0o7777).toString(8);
  }

  names(): readonly string[] {
    return readdirSync(this.path).toSorted();
  }

  /** Names of the old logs, the oldest first; `ending`: only those whose names end so. */
  oldLogs(ending = ""): readonly string[] {
    return this.names().filter((name) => /^@[0-9a-f]{24}\.[stu]$/.test(name) && name.endsWith(ending));
  }

  /** Everything that has been logged, the oldest first. */
  logged(): string {
    return [...this.oldLogs(), "current"].map((name) => this.content(name)).join("");
  }

  configure(...settings: readonly string[]): void {
    writeFileSync(this.file("config"), settings.map((setting) => `${setting}\n`).join(""), "latin1");
  }
}

/** Makes a log directory in the rig's directory, with these lines in `config`; none: there is no such file. */
export function logDirectory(rig: TestRig, name = "log", ...config: readonly string[]): LogDirectory {
  const path = rig.path(name);
  mkdirSync(path, { recursive: true });
  const directory = new LogDirectory(path);
  if (config.length > 0) directory.configure(...config);
  return directory;
}

/** Lengths of the old logs, the oldest first. */
export function oldSizes(directory: LogDirectory): readonly number[] {
  return directory.oldLogs().map((name) => directory.content(name).length);
}
