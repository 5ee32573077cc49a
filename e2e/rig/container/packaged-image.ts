/* A small Debian with packages, installed by the layer's own install_clean. It stays for later runs. */
import { execa } from "execa";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, digest, repositoryRoot } from "../core/files.ts";
import type { Need } from "../core/needs.ts";
import { baseImage, containers } from "./images.ts";
import { podman } from "./podman.ts";

const rootfs = join(repositoryRoot, "image/rootfs");
const script = join(rootfs, "usr/sbin/install_clean");

/** An image with packages. */
export interface PackagedImage {
  /** Its name, once {@link packagesFailure} has found nothing missing. */
  readonly name: string;
  readonly packages: string;
  /** Further lines of its Containerfile. */
  readonly lines: readonly string[];
}

/** Names such an image. Nothing is made yet. */
export function packagedImage(name: string, packages: string, lines: readonly string[] = []): PackagedImage {
  const contents = digest(`${baseImage} ${packages}${lines.join("")}${readFileSync(script, "utf8")}`, 12);
  return { name: `localhost/upkeep-e2e-${name}:${contents}`, packages, lines };
}

/** Its operands: the name, the directory with install_clean, the Containerfile. */
const build = `set -e
if podman image exists "$0"; then exit 0; fi
printf %s "$2" | podman --runtime runc build --quiet --isolation chroot --tag "$0" --file - "$1"`;

/**
 * For a test's `needs`: makes the image if there is none yet. Of several test processes that come here at once, one
 * makes it for all. A build that fails makes the tests fail, unless it fails for lack of a network.
 */
export async function packagesFailure({ name, packages, lines }: PackagedImage): Promise<Need> {
  if (containers !== undefined) return containers;
  if ((await podman(["image", "exists", name])).code === 0) return undefined;
  mkdirSync(cacheDirectory, { recursive: true });
  const steps = [
    `FROM ${baseImage}`,
    "COPY usr/sbin/install_clean /usr/sbin/",
    `RUN install_clean ${packages}`,
    ...lines,
  ];
  const containerfile = `${steps.join("\n")}\n`;
  const words = [join(cacheDirectory, "packages.lock"), "sh", "-c", build, name, rootfs, containerfile];
  const { failed, stderr } = await execa("flock", words, { reject: false, timeout: 600_000, stdin: "ignore" });
  if (!failed) return undefined;
  if (!/Failed to fetch|Could not resolve|Unable to connect/.test(stderr)) throw new Error(stderr);
  return "a registry of Debian packages; to enable: let builds of podman reach one";
}
