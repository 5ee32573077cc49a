/*
 * The images of podman's containers: a small Debian that stays for later runs, and what a test process builds on it.
 *
 *   const image = await buildImage("my_init", { tar, lines: ['CMD ["/sbin/my_init"]'] });
 *   await using container = await PodmanContainer.run(rig, image);
 *   afterAll(removeImages);
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, contentOf, digest, repositoryRoot } from "../core/files.ts";
import { type Need, program } from "../core/needs.ts";
import { isAlive } from "../process/processes.ts";
import { root } from "../process/under.ts";
import { call, demand, podman, prefix, runFlags } from "./podman.ts";

const bootstrap = [
  "--variant=minbase",
  "--mode=root",
  "--include=procps",
  ...["doc", "man", "locale", "info"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
] as const;

const debian = /^VERSION_CODENAME=(\w+)$/m.exec(contentOf("/etc/os-release"))?.[1] ?? "bookworm";

/** The image of a small Debian, with procps; it stays for later runs. */
export const baseImage = `localhost/upkeep-e2e-base:${debian}-${digest(bootstrap.join(" "), 12)}`;

/** For a test's `needs`: containers that run. The first run makes their image, which takes a minute. */
export const containers: Need =
  root ??
  program("podman", "podman") ??
  program("runc", "runc") ??
  program("mmdebstrap", "mmdebstrap") ??
  (await engineFailure());

/** For a test's `needs`: another process 1, for `--init`. */
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

/** Of several test processes that come here at once, one makes it, for all of them and for later runs. */
async function makeBaseImage(): Promise<void> {
  mkdirSync(cacheDirectory, { recursive: true });
  const files = ["sources.list.d/debian.sources", "sources.list.d/ubuntu.sources", "sources.list"];
  const sources = files
    .map((file) => `/etc/apt/${file}`)
    .filter(existsSync)
    .slice(0, 1);
  const script = `set -e
if podman image exists "$1"; then exit 0; fi
if [ ! -e "$2" ]; then
  # Without a registry, one try is enough for all that wait.
  if [ -n "$(find "$0.failed" -mmin -10 2>/dev/null)" ]; then echo 'it has failed just now' >&2; exit 1; fi
  shift 2; timeout --kill-after=10 240 mmdebstrap "$@" >&2 || { touch "$0.failed"; exit 1; }
  mv "$0.new.tar" "$0.tar"
fi
podman import --quiet --change 'CMD ["/bin/sh"]' "$0.tar" ${baseImage}`;
  const name = join(cacheDirectory, `debian-${debian}-${digest(bootstrap.join(" "), 12)}`);
  const words = [name, baseImage, `${name}.tar`, "--quiet", ...bootstrap, debian, `${name}.new.tar`, ...sources];
  const made = await call("flock", [join(cacheDirectory, "base.lock"), "sh", "-c", script, ...words], 900_000);
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
export async function buildImage(name: string, contents: ImageContents): Promise<string> {
  return await build(ownImage(name), contents);
}

/**
 * An image that the test processes of this checkout share, and later runs as well. The first one builds it, and removes
 * the one that was made of other contents.
 *
 * @param source the archive's bytes depend on this file; default: on the archive.
 */
export async function sharedImage(name: string, contents: ImageContents, source = contents.tar): Promise<string> {
  const { mtimeMs, size } = statSync(source ?? "/");
  const key = digest(JSON.stringify([contents, mtimeMs, size]), 12);
  const image = `localhost/upkeep-e2e-${name}-${digest(repositoryRoot, 8)}:${key}`;
  mkdirSync(cacheDirectory, { recursive: true });
  return await build(image, contents, ["flock", join(cacheDirectory, `${name}.lock`)]);
}

async function build(
  image: string,
  { tar, lines = [], from = baseImage }: ImageContents,
  under: readonly string[] = [],
): Promise<string> {
  const containerfile = [`FROM ${from}`, ...(tar === undefined ? [] : ["ADD layer.tar /"]), ...lines, ""].join("\n");
  const script = `set -e
if podman image exists "$1"; then exit 0; fi
podman images --format '{{.Repository}}:{{.Tag}}' --filter "reference=\${1%:*}" |
  xargs --no-run-if-empty podman rmi >/dev/null 2>&1 || :
context=$(mktemp -d); trap 'rm -rf "$context"' EXIT
printf %s "$0" >"$context/Containerfile"
if [ -n "$2" ]; then ln "$2" "$context/layer.tar" 2>/dev/null || cp "$2" "$context/layer.tar"; fi
podman --runtime runc build --quiet --isolation chroot --tag "$1" "$context"`;
  const built = await call("env", [...under, "sh", "-c", script, containerfile, image, tar ?? ""]);
  if (built.code !== 0) throw new Error(`unable to build ${image}: ${built.stderr}`);
  return image;
}

/** Removes the images of this test process, once its containers are gone. */
export async function removeImages(): Promise<void> {
  if (containers !== undefined) return;
  const names = await list("images", "--format", "{{.Repository}}");
  const own = names.filter((name) => name.startsWith(`localhost/${prefix}`));
  if (own.length > 0) await demand(["rmi", "--force", ...own]);
}

/** Removes what killed test processes have left. */
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

/** The lines of a list. It fails when another test process removes what is just being listed. */
async function list(...words: readonly string[]): Promise<readonly string[]> {
  for (let tries = 1; tries < 20; tries += 1) {
    const { code, stdout } = await podman(words);
    if (code === 0) return stdout.trimEnd().split("\n");
  }
  return (await demand(words)).split("\n");
}
