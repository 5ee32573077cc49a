/*
 * Real containers, made by podman: with an image of a small Debian, no network, and names of this test process.
 *
 *   const image = await imageOf("my_init", { tar, lines: ['CMD ["/sbin/my_init"]'] });
 *   containerTest("stops in order", async (rig) => {
 *     const box = await rig.container(image, { flags: ["--volume", `${rig.path("service")}:/etc/service`] });
 *     ...
 *   });
 *   afterAll(removeImages);
 *
 * podman is called as root and without systemd: so runc, which takes the limits that the machine allows, and no
 * health checks by timer.
 */
import { execa } from "execa";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Need, program } from "../core/needs.ts";
import { isAlive } from "../process/processes.ts";
import type { TestRig } from "../core/test-rig.ts";
import { root } from "../process/under.ts";
import { waitLimit } from "../core/until.ts";

const repositoryRoot = resolve(import.meta.dirname, "../../..");
const cache = join(repositoryRoot, ".cache");

/** How long a command of podman may take, in ms. */
const limit = 240_000;

/** What is put in front of names, of containers and images, so that it shows whose they are. */
const prefix = `upkeep-e2e-${process.pid}-`;

const bootstrap = [
  "--variant=minbase",
  "--mode=root",
  "--include=procps",
  ...["doc", "man", "locale", "info"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
] as const;

/** What every container gets: limits that may be set wherever, which the engine's own may not, and no network. */
const runFlags = [
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

/** Runs podman with these words. A failure is an answer as any other. */
export async function podman(words: readonly string[]): Promise<Answer> {
  return await call("podman", ["--runtime", "runc", ...words]);
}

async function call(file: string, words: readonly string[], timeout = limit): Promise<Answer> {
  const result = await execa(file, words, { reject: false, timeout, stripFinalNewline: false, stdin: "ignore" });
  return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** A command of podman that must succeed; what it printed. Throws with what it said. */
async function demand(words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await podman(words);
  if (code !== 0) throw new Error(`podman ${words.join(" ")}: ${code ?? "killed"}: ${stderr}`);
  return stdout.trimEnd();
}

/** The lines of a list. It fails when another test process removes what is just being listed. */
async function list(...words: readonly string[]): Promise<readonly string[]> {
  for (let tries = 1; tries < 20; tries += 1) {
    const { code, stdout } = await podman(words);
    if (code === 0) return stdout.trimEnd().split("\n");
  }
  return (await demand(words)).split("\n");
}

const suite = /^VERSION_CODENAME=(\w+)$/m.exec(readText("/etc/os-release"))?.[1] ?? "bookworm";

/** The image of a small Debian, with procps; it stays for later runs. */
export const baseImage = `localhost/upkeep-e2e-base:${suite}-${digest(bootstrap.join(" "))}`;

/** For a test's `needs`: containers that run. Making the image they need takes a minute where it is not there yet. */
export const containers: Need =
  root ??
  program("podman", "podman") ??
  program("runc", "runc") ??
  program("mmdebstrap", "mmdebstrap") ??
  (await engineFailure());

/** For a test's `needs`: a process 1 by somebody else, for `--init`. */
export const tini: Need = program("tini", "tini");

async function engineFailure(): Promise<Need> {
  try {
    await sweep();
    if ((await podman(["image", "exists", baseImage])).code !== 0) await makeBaseImage();
    await demand(["run", "--rm", "--name", `${prefix}probe`, ...runFlags, baseImage, "true"]);
    return undefined;
  } catch (error) {
    const [reason = ""] = (error as Error).message.trim().split("\n").slice(-1);
    return `containers (${reason}); to enable: apt-get install podman runc conmon mmdebstrap, as root`;
  }
}

/** Several test processes may come here at once: one makes it, for all of them and for later runs. */
async function makeBaseImage(): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const sources = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"].filter(existsSync).slice(0, 1);
  const script = `set -e
if podman image exists "$1"; then exit 0; fi
if [ ! -e "$2" ]; then
  # Where there is no registry to be had, one try is enough for all who wait.
  if [ -n "$(find "$0.failed" -mmin -10 2>/dev/null)" ]; then echo 'it has failed just now' >&2; exit 1; fi
  shift 2; timeout --kill-after=10 240 mmdebstrap "$@" >&2 || { touch "$0.failed"; exit 1; }
  mv "$0.new.tar" "$0.tar"
fi
podman import --quiet --change 'CMD ["/bin/sh"]' "$0.tar" ${baseImage}`;
  const name = join(cache, `debian-${suite}-${digest(bootstrap.join(" "))}`);
  const words = [name, baseImage, `${name}.tar`, "--quiet", ...bootstrap, suite, `${name}.new.tar`, ...sources];
  const made = await call("flock", [join(cache, "base.lock"), "sh", "-c", script, ...words], 900_000);
  if (made.code !== 0) throw new Error(`unable to make a Debian: ${made.stderr}`);
}

interface ImageContents {
  /** An archive that is unpacked over the base. */
  readonly tar?: string;
  /** Further lines of the Containerfile. */
  readonly lines?: readonly string[];
  /** Instead of {@link baseImage}. */
  readonly from?: string;
}

/** The name of an image that {@link removeImages} removes. */
export function ownImage(name: string): string {
  return `localhost/${prefix}${name}`;
}

/** Builds an image of this test process. To be removed by {@link removeImages}. */
export async function buildImage(name: string, { tar, lines = [], from = baseImage }: ImageContents): Promise<string> {
  const image = ownImage(name);
  const containerfile = [`FROM ${from}`, ...(tar === undefined ? [] : ["ADD layer.tar /"]), ...lines, ""].join("\n");
  const script = `set -e
context=$(mktemp -d); trap 'rm -rf "$context"' EXIT
printf %s "$0" >"$context/Containerfile"
if [ -n "$2" ]; then ln "$2" "$context/layer.tar" 2>/dev/null || cp "$2" "$context/layer.tar"; fi
podman --runtime runc build --quiet --isolation chroot --tag "$1" "$context"`;
  const built = await call("sh", ["-c", script, containerfile, image, tar ?? ""]);
  if (built.code !== 0) throw new Error(`unable to build ${name}: ${built.stderr}`);
  return image;
}

/** Removes the images of this test process, once its containers are gone. */
export async function removeImages(): Promise<void> {
  if (containers !== undefined) return;
  const names = await list("images", "--format", "{{.Repository}}");
  const own = names.filter((name) => name.startsWith(`localhost/${prefix}`));
  if (own.length > 0) await demand(["rmi", "--force", ...own]);
}

/** Removes what test processes have left that were killed. */
async function sweep(): Promise<void> {
  const isStale = (name: string): boolean => {
    const owner = /^(?:localhost\/)?upkeep-e2e-(\d+)-/.exec(name)?.[1];
    return owner !== undefined && !isAlive(Number(owner));
  };
  const left = (await list("ps", "--all", "--format", "{{.Names}}")).filter(isStale);
  if (left.length > 0) await podman(["rm", "--force", "--time", "0", ...left]);
  const images = (await list("images", "--format", "{{.Repository}}")).filter(isStale);
  if (images.length > 0) await podman(["rmi", "--force", ...images]);
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

  /** Waits until its log shows the text, `times` times: in its file, for many looks by podman take their time. */
  async shows(text: string, times = 1, patience: number = waitLimit): Promise<void> {
    let last = "";
    const path = await this.inspect(".HostConfig.LogConfig.Path");
    try {
      await this.#rig.until(
        `${JSON.stringify(text)} in the log of ${this.name}`,
        () => {
          last = textOfLog(readText(path));
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

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
