/* The two engines that make the containers of stories. */
import { standalone } from "../core/suites.ts";
import type { TestRig } from "../core/test-rig.ts";
import { daemonsImage } from "./daemons-image.ts";
import { NamespacedContainer } from "./namespaced-container.ts";
import { type Answer, PodmanContainer } from "./podman.ts";

/** How a container is started. */
export interface StartOptions {
  /** Process 1. Default: runsvdir. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** For `podman run`. */
  readonly flags?: readonly string[];
}

/** A container as a story sees it, whoever makes it. */
export interface Engine extends AsyncDisposable {
  start(options: Required<StartOptions>): Promise<void>;
  exec(command: readonly string[]): Promise<Answer>;
  /** All that has been said. */
  output(): Promise<{ readonly stdout: string; readonly stderr: string }>;
  /** Waits until one of its outputs has shown the text. */
  shows(text: string): Promise<void>;
  /** The exit code of its health check. */
  health(): Promise<number | undefined>;
  /** Sends process 1 what an engine sends it for a stop. */
  stop(): Promise<void>;
  /** The exit code of process 1. */
  ended(): Promise<number | undefined>;
}

/** A Debian with daemons in podman, with the stand-alone commands in /usr/local/bin. */
export class Podman implements Engine {
  readonly #rig: TestRig;
  #container: PodmanContainer | undefined;

  constructor(rig: TestRig) {
    this.#rig = rig;
  }

  async start({ command, env, flags }: Required<StartOptions>): Promise<void> {
    this.#container = await PodmanContainer.run(this.#rig, daemonsImage, {
      flags: [
        "--volume",
        `${standalone.bin}:/usr/local/bin:ro`,
        ...["service", "story"].flatMap((name) => ["--volume", `${this.#rig.path("etc", name)}:/etc/${name}`]),
        ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
        ...flags,
      ],
      command,
    });
  }

  async exec(command: readonly string[]): Promise<Answer> {
    return await this.#running().exec(command);
  }

  async output(): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return await this.#running().podman("logs");
  }

  async shows(text: string): Promise<void> {
    await this.#running().shows(text);
  }

  async health(): Promise<number | undefined> {
    return (await this.#running().podman("healthcheck run")).code;
  }

  async stop(): Promise<void> {
    const { code, stderr } = await this.#running().podman("stop", "--time", "90");
    if (code !== 0) throw new Error(`podman stop: ${stderr}`);
  }

  async ended(): Promise<number> {
    return await this.#running().ended();
  }

  #running(): PodmanContainer {
    if (this.#container === undefined) throw new Error("not started");
    return this.#container;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container?.[Symbol.asyncDispose]();
  }
}

/** A PID namespace with the machine's own programs. */
export class Namespace implements Engine {
  readonly #container: NamespacedContainer;

  constructor(rig: TestRig) {
    this.#container = new NamespacedContainer(rig);
  }

  start({ command, env }: Required<StartOptions>): Promise<void> {
    this.#container.start({ command, env: { SVDIR: undefined, ...env } });
    return Promise.resolve();
  }

  async exec(command: readonly string[]): Promise<Answer> {
    return await this.#container.exec(command);
  }

  output(): Promise<{ readonly stdout: string; readonly stderr: string }> {
    return Promise.resolve(this.#container.output());
  }

  async shows(text: string): Promise<void> {
    await this.#container.shows(text);
  }

  health(): Promise<never> {
    return Promise.reject(new Error("this engine has no health checks"));
  }

  stop(): Promise<void> {
    this.#container.signal("SIGTERM");
    return Promise.resolve();
  }

  async ended(): Promise<number | undefined> {
    return (await this.#container.ended()).code;
  }

  // The rig ends all that it has started.
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
