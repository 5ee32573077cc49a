/*
 * A container of its own for my_init: a PID namespace, private mounts, and an /etc that is the test's. my_init sends
 * signals to everybody as process 1, so it is started as that of a new namespace only, after every mount has succeeded.
 */
import { execaSync } from "execa";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { firstOfNamespace, namespaces, ownNamespaces } from "./machine.ts";
import { privateMounts, type Need } from "./needs.ts";
import { signalProcess } from "./processes.ts";
import type { Result, RunningCommand } from "./running-command.ts";
import type { TestRig } from "./test-rig.ts";

/** The operands: what becomes /etc, further mounts, then the command. */
const boot = `set -e
[ "$$" = 1 ]
mount --bind "$0" /etc
eval "$1"
shift
exec "$@"`;

/** What programs need of the machine's /etc. */
const borrowed = ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ld.so.cache"];

/** For a test's `needs`. */
export const ownContainer: Need = privateMounts ?? ownNamespaces;

interface ContainerOptions {
  /** What my_init is given on its command line. */
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Commands of sh, as process 1 before it becomes my_init. */
  readonly before?: string;
  /** Words in front of my_init. */
  readonly under?: readonly string[];
}

/** An /etc, and the containers that are started with it. */
export class Container {
  readonly #rig: TestRig;
  #command: RunningCommand | undefined;

  constructor(rig: TestRig) {
    this.#rig = rig;
    mkdirSync(this.etc("container_environment"), { recursive: true });
    mkdirSync(this.etc("service"));
    for (const path of borrowed) execaSync("cp", ["-a", path, this.etc()], { reject: false });
  }

  /** A path in its /etc, from outside. */
  etc(...names: readonly string[]): string {
    return this.#rig.path("etc", ...names);
  }

  /** Makes a script in its /etc. */
  script(path: string, ...lines: readonly string[]): this {
    return this.file(path, ["#!/bin/sh", ...lines, ""].join("\n"), 0o755);
  }

  file(path: string, content: string, mode = 0o644): this {
    mkdirSync(dirname(this.etc(path)), { recursive: true });
    writeFileSync(this.etc(path), content);
    chmodSync(this.etc(path), mode);
    return this;
  }

  /** Starts my_init as its process 1. */
  start({ words = [], env = {}, before = "", under = [] }: ContainerOptions = {}): this {
    const shell = [...namespaces, "sh", "-c", boot, this.etc(), before, ...under];
    this.#command = this.#rig.start("my_init", words, { under: shell, env });
    return this;
  }

  /** Runs it to its end. */
  async run(options: ContainerOptions = {}): Promise<Result> {
    this.start(options);
    return await this.ended();
  }

  async ended(): Promise<Result> {
    return await this.#rig.result(this.#running());
  }

  /** Waits until one of its outputs shows the text, `times` times. */
  async shows(text: string, times = 1): Promise<void> {
    await this.#rig.until(`${text} from the container`, () => {
      const { ending } = this.#running();
      if (this.says(text, times)) return true;
      if (ending !== undefined) throw new Error(`the container has ended: ${this.#running().stderr()}`);
      return false;
    });
  }

  /** Whether its outputs have shown the text, `times` times. */
  says(text: string, times = 1): boolean {
    const command = this.#running();
    return `${command.stdout()}${command.stderr()}`.split(text).length > times;
  }

  /** Sends a signal to process 1 of the container, and to no other process. */
  signal(signal: NodeJS.Signals): void {
    signalProcess(firstOfNamespace(this.#running()), signal);
  }

  read(path: string): string {
    return readFileSync(join(this.etc(), path), "utf8");
  }

  #running(): RunningCommand {
    if (this.#command === undefined) throw new Error("not started");
    return this.#command;
  }
}
