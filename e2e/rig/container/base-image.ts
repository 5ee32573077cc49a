/*
 * Containers of the image under test: a small Debian with the layer of dist/image on it or, without a layer, with the
 * stand-alone executable at the same places.
 *
 * The directories below `etc/` in the rig's directory are mounted over the container's: `service`, `my_init.d` ...
 */
import { execa } from "execa";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { rigTest } from "../core/conformance.ts";
import { repositoryRoot } from "../core/files.ts";
import { FileTree } from "../core/file-tree.ts";
import type { Need } from "../core/needs.ts";
import { containers, sharedImage } from "./images.ts";
import { PodmanContainer } from "./podman.ts";
import { standalone } from "../core/suites.ts";
import type { TestRig } from "../core/test-rig.ts";

const layer = join(repositoryRoot, "dist/image/upkeep-layer.tar");

/** The directories of my_init, which tests mount. */
const directories = [
  "service",
  "my_init.d",
  "my_init.pre_shutdown.d",
  "my_init.post_shutdown.d",
  "container_environment",
] as const;

/** Makes only the layer's places for the commands. Its operands: our commands, the archive. */
const standIn = `set -e
root=$(mktemp -d); trap 'rm -rf "$root"' EXIT
mkdir -p "$root/usr/lib/upkeep" "$root/usr/bin" "$root/usr/sbin"
cp "$0/upkeep" "$root/usr/lib/upkeep/upkeep"
for path in "$0"/*; do ln -s ../lib/upkeep/upkeep "$root/usr/bin/\${path##*/}"; done
ln -s ../lib/upkeep/upkeep "$root/usr/sbin/my_init"
cd "$root" && tar -cf "$1" usr`;

let image: Promise<string> | undefined;

/** The image under test. */
export async function imageUnderTest(): Promise<string> {
  image ??= makeImage();
  return await image;
}

async function makeImage(): Promise<string> {
  const command = 'CMD ["/sbin/my_init"]';
  if (isFresh(layer)) {
    return await sharedImage("layer", { tar: layer, lines: ['RUN ["/usr/lib/upkeep/prepare"]', command] });
  }
  const lines = [`RUN mkdir -p ${directories.map((name) => `/etc/${name}`).join(" ")}`, command];
  const tar = join(repositoryRoot, "dist", "stand-in.tar");
  try {
    await execa("sh", ["-c", standIn, join(standalone.bin), tar]);
    return await sharedImage("stand-in", { tar, lines }, join(standalone.bin, "upkeep"));
  } finally {
    await execa("rm", ["-f", tar]);
  }
}

/** True when there is a layer, and it is not older than the build under test. */
function isFresh(path: string): boolean {
  return existsSync(path) && statSync(path).mtimeMs >= statSync(join(standalone.bin, "upkeep")).mtimeMs;
}

interface BoxOptions {
  /** For `podman run`. */
  readonly flags?: readonly string[];
  /** Options and main command of my_init. */
  readonly words?: readonly string[];
  /** What the container runs instead of my_init. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The files of /etc cannot be written to. */
  readonly isReadOnly?: boolean;
}

/** An /etc, and the containers that are started with it. */
export class Box extends FileTree {
  readonly #containers: PodmanContainer[] = [];

  constructor(rig: TestRig) {
    super(rig, "etc");
    for (const name of directories) mkdirSync(this.inside(name), { recursive: true });
  }

  /** Starts a container with my_init as its process 1, unless options tell otherwise. */
  async start({
    flags = [],
    words = [],
    command = ["/sbin/my_init", ...words],
    env = {},
    isReadOnly = false,
  }: BoxOptions = {}): Promise<PodmanContainer> {
    const volume = (name: string): readonly string[] => {
      const suffix = isReadOnly ? ":ro" : "";
      return ["--volume", `${this.inside(name)}:/etc/${name}${suffix}`];
    };
    const container = await PodmanContainer.run(this.rig, await imageUnderTest(), {
      flags: [
        ...directories.flatMap(volume),
        ...(existsSync(this.inside("rc.local")) ? volume("rc.local") : []),
        ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
        ...flags,
      ],
      command,
    });
    this.#containers.push(container);
    return container;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#containers.map(async (container) => await container[Symbol.asyncDispose]()));
  }
}

/** Number of tests with containers at a time: with more, each would only wait longer. */
const most = 3;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn(run: () => Promise<void>): Promise<void> {
  if (running === most) await new Promise<void>((done) => waiting.push(done));
  else running++;
  try {
    await run();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

/** Registers a concurrent test with a {@link Box}. */
export function boxTest(title: string, run: (box: Box, rig: TestRig) => Promise<void>, needs?: Need): void {
  rigTest(
    title,
    [standalone],
    async (rig) => {
      await inTurn(async () => {
        await using box = new Box(rig);
        await run(box, rig);
      });
    },
    { needs: containers ?? needs },
  );
}
