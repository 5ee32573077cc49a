import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { RunningCommand } from "./running-command.ts";
import type { TestRig } from "../core/test-rig.ts";

export const ctrlC = "\u0003";

/** A terminal of its own for a shell command. */
export class Terminal implements Disposable {
  readonly command: RunningCommand;
  readonly #keyboard: number;

  private constructor(command: RunningCommand, keyboard: number) {
    this.command = command;
    this.#keyboard = keyboard;
  }

  static async open(rig: TestRig, command: string, name: string = "keyboard"): Promise<Terminal> {
    const path = rig.path(name);
    const { code, stderr } = await rig.run("mkfifo", [path]);
    if (code !== 0) throw new Error(`unable to make a keyboard: ${stderr}`);
    const keyboard = openSync(path, constants.O_RDWR);
    return new Terminal(rig.start("script", ["-qefc", command, "/dev/null"], { stdin: keyboard }), keyboard);
  }

  /** What it has shown so far, including the echo of what was typed. */
  screen(): string {
    return this.command.stdout().replaceAll("\r", "");
  }

  type(text: string): void {
    writeSync(this.#keyboard, text);
  }

  [Symbol.dispose](): void {
    closeSync(this.#keyboard);
  }
}
