/*
 * Containers of podman: without a network, and with names of this test process.
 *
 * podman runs as root and without systemd: so it uses runc, which takes the limits that the machine allows, and there
 * are no health checks by timer.
 */
import { mkdirSync } from "node:fs";

import { execa } from "execa";
import { cacheDirectory, contentOf } from "../core/files.ts";
import type { TestRig } from "../core/test-rig.ts";
import { waitLimit } from "../core/until.ts";

/** How long a command of podman may take, in ms. */
const limit = 240_000;

/** Prefix of the names of containers and images: it shows which test process they belong to. */
export const prefix = `upkeep-e2e-${process.pid}-`;

/** What every container gets: no network, and limits that can be set everywhere, unlike the engine's own. */
export const runFlags = [
  "--log-driver",
  "k8s-file",
  "--network",
  "none",
  "--ulimit",
  "nofile=1024:1024",
  "--ulimit",
  "nproc=1024:1024",
] as const;

/** How a command of podman ended. */
export interface Answer {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs podman with these words. A failure is an answer like any other. Its monitor leaves a file `oom` in its working
 * directory when a container runs out of memory.
 */
export async function podman(words: readonly string[]): Promise<Answer> {
  mkdirSync(cacheDirectory, { recursive: true });
  return await call("podman", ["--runtime", "runc", ...words], limit, cacheDirectory);
}

/** Runs a command that calls podman. A failure is an answer like any other. */
export async function call(file: string, words: readonly string[], timeout = limit, cwd = "."): Promise<Answer> {
  const result = await execa(file, words, { cwd, reject: false, timeout, stripFinalNewline: false, stdin: "ignore" });
  return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** Runs a command of podman that must succeed, and returns what it printed; throws with what it said. */
export async function demand(words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await podman(words);
  if (code !== 0) throw new Error(`podman ${words.join(" ")}: ${code ?? "killed"}: ${stderr}`);
  return stdout.trimEnd();
}

let count = 0;

interface RunOptions {
  /** For `podman run`. */
  readonly flags?: readonly string[];
  /** The container's command; that of the image if there is none. */
  readonly command?: readonly string[];
}

/** A container; to be removed by `await using`. */
export class PodmanContainer {
  readonly name: string;
  readonly #rig: TestRig;

  private constructor(rig: TestRig, name: string) {
    this.#rig = rig;
    this.name = name;
  }

  /** Starts a container of an image. */
  static async run(
    rig: TestRig,
    image: string,
    { flags = [], command = [] }: RunOptions = {},
  ): Promise<PodmanContainer> {
    const name = `${prefix}${count++}`;
    rig.note(`podman run ${name}: ${[...flags, image, ...command].join(" ")}`);
    const container = new PodmanContainer(rig, name);
    try {
      await demand(["run", "--detach", "--name", name, ...runFlags, ...flags, image, ...command]);
      return container;
    } catch (error) {
      await container[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs podman on it: `podman("stop", "--time", "5")`. */
  async podman(verb: string, ...flags: readonly string[]): Promise<Answer> {
    return await podman([...verb.split(" "), ...flags, this.name]);
  }

  /** Runs a command in it; `flags` are for `podman exec`. */
  async exec(command: readonly string[], flags: readonly string[] = []): Promise<Answer> {
    return await podman(["exec", ...flags, this.name, ...command]);
  }

  /** What it has said so far on standard output. */
  async output(): Promise<string> {
    return (await this.podman("logs")).stdout;
  }

  /** All that it has said so far on standard output and standard error. */
  async logs(): Promise<string> {
    const { stdout, stderr } = await this.podman("logs");
    return `${stdout}${stderr}`;
  }

  /** Waits until its log shows the text, `times` times. It reads the file itself: podman would take long each time. */
  async shows(text: string, times = 1, patience: number = waitLimit): Promise<void> {
    let last = "";
    const path = await this.inspect(".HostConfig.LogConfig.Path");
    try {
      await this.#rig.until(
        `${JSON.stringify(text)} in the log of ${this.name}`,
        () => {
          last = textOfLog(contentOf(path));
          return last.split(text).length > times;
        },
        patience,
      );
    } catch (error) {
      if (error instanceof Error) error.message += `\n--- log ---\n${last}`;
      throw error;
    }
  }

  /** A field as by `podman inspect`: `inspect(".State.Status")`. */
  async inspect(field: string): Promise<string> {
    return await demand(["inspect", "--format", `{{${field}}}`, this.name]);
  }

  /** Waits for its end; the exit code. */
  async ended(): Promise<number> {
    return Number(await demand(["wait", this.name]));
  }

  /** Pid of its process 1, as seen from outside. */
  async pid(): Promise<number> {
    return Number(await this.inspect(".State.Pid"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await podman(["rm", "--force", "--time", "0", "--volumes", this.name]);
  }
}

/** Lines of a log are `TIME stdout F TEXT`, with P for F where the text goes on in the next one of its kind. */
function textOfLog(log: string): string {
  return log.replaceAll(/^\S+ std(?:out|err) ([FP]) (.*)\n/gm, (_, kind: string, text: string) => {
    return kind === "F" ? `${text}\n` : text;
  });
}
