/*
 * A machine for runit as process 1: a PID namespace and private mounts. Nothing in it can reach the real machine, where
 * runit and runit-init must never run: the script only starts them as process 1 of a new namespace, after every mount
 * has succeeded.
 */
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { existsOnMachine, type Need, privateMounts } from "../core/needs.ts";
import { shellScript } from "../core/files.ts";
import { signalProcess } from "../process/processes.ts";
import type { RunningCommand } from "../process/running-command.ts";
import { firstOfNamespace, namespaces, ownNamespaces } from "./namespaces.ts";
import type { Suite } from "../core/suites.ts";
import type { TestRig } from "../core/test-rig.ts";

/** The operands: a directory with `etc` and the FIFO `console`, then the command. */
const boot = `set -e
[ "$$" = 1 ]
mount --bind "$0/etc" /etc/runit
mount -t tmpfs none /run
mount --bind "$0/console" /dev/console
exec "$@"`;

/** For a test's `needs`: a PID namespace, private mounts, and a directory to mount over. */
export const ownMachine: Need = privateMounts ?? ownNamespaces ?? existsOnMachine("/etc/runit", "runit");

/** The scripts of /etc/runit by name; null: there is none. A stage that is not named here prints its name. */
export type Scripts = Readonly<Record<string, readonly string[] | null>>;

/** A stage 2 that stays, and says which signals it gets; it ends on TERM. */
export const lastingStage: readonly string[] = [
  'trap "echo got TERM; exit 0" TERM',
  'trap "echo got ALRM" ALRM',
  'trap "echo got PWR" PWR',
  "echo stage 2 is up",
  "while :; do sleep 1 & wait $!; done",
];

/** Path of the suite's runit-init; the distribution keeps its own in another directory. */
export function initCommand(suite: Suite): string {
  return suite.ours ? suite.command("runit-init") : "/lib/runit/runit-init";
}

interface BootOptions {
  /** Default: the suite's runit. */
  readonly command?: readonly string[];
  /** Words in front of the command, inside the namespaces. */
  readonly under?: readonly string[];
  /** Words in front of the words that make the namespaces; the started process is then not the machine's. */
  readonly outside?: readonly string[];
}

/** Starts the suite's runit as process 1 of a machine of its own. */
export function bootMachine(rig: TestRig, scripts: Scripts = {}, options: BootOptions = {}): NamespacedMachine {
  const directory = rig.path("machine");
  mkdirSync(join(directory, "etc"), { recursive: true });
  rmSync(join(directory, "console"), { force: true });
  execaSync("sh", ["-c", 'mkfifo "$0"', join(directory, "console")]);
  const all: Scripts = { "1": ["echo stage 1"], "2": ["echo stage 2"], "3": ["echo stage 3"], ...scripts };
  for (const [name, lines] of Object.entries(all)) {
    if (lines !== null) writeScript(join(directory, "etc", name), lines);
  }
  // Open for reading and writing, so that neither end ever waits for the other. And before runit is: without a reader, it
  // keeps the standard error that it has.
  const stdin = openSync(join(directory, "console"), "r+");
  const reader = rig.start("cat", [], { stdin });
  closeSync(stdin);
  const [command = "runit", ...operands] = options.command ?? ["runit"];
  const unshare = rig.start(command, operands, {
    under: [...(options.outside ?? []), ...namespaces, "sh", "-c", boot, directory, ...(options.under ?? [])],
  });
  return new NamespacedMachine(rig, directory, unshare, reader);
}

/** Such a machine, with process 1 and a console. */
export class NamespacedMachine {
  /** Ends as process 1 does: see {@link NamespacedMachine.ended}. */
  readonly command: RunningCommand;
  readonly #rig: TestRig;
  readonly #directory: string;
  readonly #reader: RunningCommand;

  constructor(rig: TestRig, directory: string, command: RunningCommand, reader: RunningCommand) {
    this.#rig = rig;
    this.#directory = directory;
    this.command = command;
    this.#reader = reader;
  }

  /** What the console shows, without the first line, in which runit tells its version. */
  console(): string {
    return this.#reader.stdout().replace(/^- runit: .*: booting\.\n/, "");
  }

  /** Waits until the console shows the text, `times` times. */
  async shows(text: string, times = 1): Promise<void> {
    await this.#rig.until(`${text} on the console`, () => {
      if (this.console().split(text).length > times) return true;
      if (this.command.ending !== undefined) throw new Error(`the machine has ended: ${this.console()}`);
      return false;
    });
  }

  /** Waits for the end, which is a signal from the kernel: INT for power off, HUP for a reboot. */
  async ended(): Promise<string> {
    const { signal, code } = await this.#rig.result(this.command);
    await this.#rig.until("the last line", () => /(?:\.\.\.|reboot\.|denied)\n$/.test(this.console()));
    return signal ?? `exit ${code}`;
  }

  /** Sends a signal to process 1 of this machine, and to no other process. */
  signal(signal: NodeJS.Signals): void {
    signalProcess(this.processOne(), signal);
  }

  /** Pid outside of the namespace. */
  processOne(): number {
    return firstOfNamespace(this.command);
  }

  /** Path of a file as the machine sees it, from outside. */
  file(path: string): string {
    return `/proc/${this.processOne()}/root${path}`;
  }

  /** Makes a file with this mode, or changes its mode. */
  setFlag(path: string, mode: number): void {
    const file = this.file(path);
    writeFileSync(file, "", { flag: "a" });
    chmodSync(file, mode);
  }

  /** Replaces a script of /etc/runit. */
  script(name: string, lines: readonly string[], mode = 0o755): void {
    writeScript(join(this.#directory, "etc", name), lines, mode);
  }
}

function writeScript(path: string, lines: readonly string[], mode = 0o755): void {
  writeFileSync(path, shellScript(...lines));
  chmodSync(path, mode);
}
