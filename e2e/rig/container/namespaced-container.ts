/*
 * A container for my_init: a PID namespace, private mounts, and an /etc of the test's. As process 1, my_init sends
 * signals to everybody, so it is only started as process 1 of a new namespace, after every mount has succeeded.
 */
import { execaSync } from "execa";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rigTest } from "../core/conformance.ts";
import { FileTree } from "../core/file-tree.ts";
import { findFirstOfNamespace, firstOfNamespace, namespaces, ownNamespaces } from "./namespaces.ts";
import { privateMounts, type Need } from "../core/needs.ts";
import { commandLine, signalProcess } from "../process/processes.ts";
import type { Result, RunningCommand } from "../process/running-command.ts";
import { ourSuites } from "../core/suites.ts";
import type { TestRig } from "../core/test-rig.ts";
import { waitLimit } from "../core/until.ts";

/** The operands: what becomes /etc, further mounts, then the command. */
const boot = `set -e
[ "$$" = 1 ]
mount --bind "$0" /etc
eval "$1"
shift
exec "$@"`;

/** An environment with which a slow machine does not cut a stop short. */
export const patience = { KILL_PROCESS_TIMEOUT: "90", KILL_ALL_PROCESSES_TIMEOUT: "90" } as const;

/** What programs need of the machine's /etc. */
const borrowed = ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ld.so.cache"];

/** For the `needs` of a test. */
export const ownContainer: Need = privateMounts ?? ownNamespaces;

/** Registers a concurrent test of my_init as process 1 of such a container, for each of our suites. */
export function containerTest(
  title: string,
  run: (container: NamespacedContainer, rig: TestRig) => Promise<void>,
): void {
  rigTest(title, ourSuites, async (rig) => await run(new NamespacedContainer(rig), rig), { needs: ownContainer });
}

interface ContainerOptions {
  /** What my_init is given on its command line. */
  readonly words?: readonly string[];
  /** What becomes process 1 instead of my_init. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Commands of sh, as process 1 before it becomes my_init. */
  readonly before?: string;
  /** Words in front of my_init. */
  readonly under?: readonly string[];
}

/** An /etc, and the containers that are started with it. */
export class NamespacedContainer extends FileTree {
  #command: RunningCommand | undefined;

  /** @param place the path in the rig's directory of what becomes /etc. */
  constructor(rig: TestRig, place = "etc") {
    super(rig, place);
    mkdirSync(this.inside("container_environment"), { recursive: true });
    mkdirSync(this.inside("service"));
    for (const path of borrowed) execaSync("cp", ["-a", path, this.inside()], { reject: false });
  }

  /** Starts its process 1. */
  start({
    words = [],
    command = ["my_init", ...words],
    env = {},
    before = "",
    under = [],
  }: ContainerOptions = {}): this {
    const [program = "", ...operands] = command;
    this.#command = this.rig.start(program, operands, { under: this.#shell(before, under), env });
    return this;
  }

  /** The words that start it, for a test that starts it in another way. */
  words({ words = [], before = "", under = [] }: Omit<ContainerOptions, "env" | "command"> = {}): readonly string[] {
    return [...this.#shell(before, under), "my_init", ...words];
  }

  #shell(before: string, under: readonly string[]): readonly string[] {
    return [...namespaces, "sh", "-c", boot, this.inside(), before, ...under];
  }

  /** Runs it to its end. */
  async run(options: ContainerOptions = {}): Promise<Result> {
    this.start(options);
    return await this.ended();
  }

  /** Waits for its end, for so many ms. */
  async ended(limit: number = waitLimit): Promise<Result> {
    return await this.rig.result(this.#running(), limit);
  }

  hasEnded(): boolean {
    return this.#running().ending !== undefined;
  }

  /** Runs a command in it, as `podman exec` would, once its mounts are made. */
  async exec(command: readonly string[]): Promise<Result> {
    await this.until("the mounts of the container", () => {
      const first = findFirstOfNamespace(this.#running());
      return first !== undefined && !commandLine(first).includes(boot);
    });
    const [program = "", ...operands] = command;
    const under = ["nsenter", "--target", `${this.processOne()}`, "--mount", "--pid", "--"];
    return await this.rig.run(program, operands, { under, env: { SVDIR: undefined } });
  }

  /** What it has said so far. */
  output(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#running().stdout(), stderr: this.#running().stderr() };
  }

  /** Waits until one of its outputs shows the text, `times` times. */
  async shows(text: string, times = 1): Promise<void> {
    await this.until(`${text} from the container`, () => this.says(text, times));
  }

  /** True when its outputs have shown the text, `times` times. */
  says(text: string, times = 1): boolean {
    const command = this.#running();
    return `${command.stdout()}${command.stderr()}`.split(text).length > times;
  }

  /** Pid of its process 1, as seen from outside. */
  processOne(): number {
    return firstOfNamespace(this.#running());
  }

  /** Sends a signal to process 1 of the container, and to no other process. */
  signal(signal: NodeJS.Signals): void {
    signalProcess(this.processOne(), signal);
  }

  read(path: string): string {
    return readFileSync(join(this.inside(), path), "utf8");
  }

  exists(path: string): boolean {
    return existsSync(join(this.inside(), path));
  }

  /** Waits until the condition holds; fails when the container has ended before. */
  async until(description: string, condition: () => boolean): Promise<void> {
    await this.rig.until(description, () => {
      const { ending } = this.#running();
      if (condition()) return true;
      if (ending !== undefined) throw new Error(`the container has ended: ${this.#running().stderr()}`);
      return false;
    });
  }

  #running(): RunningCommand {
    if (this.#command === undefined) throw new Error("not started");
    return this.#command;
  }
}
