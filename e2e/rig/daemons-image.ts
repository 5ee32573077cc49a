/* The small Debian with nginx, cron and sshd, which the layer's own install_clean has installed. It stays for later runs. */
import { execa } from "execa";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Need } from "./needs.ts";
import { baseImage, buildImage, containers, podman } from "./podman.ts";

const repositoryRoot = resolve(import.meta.dirname, "../..");
const rootfs = join(repositoryRoot, "image/rootfs");
const script = join(rootfs, "usr/sbin/install_clean");
const packages = "nginx-light cron openssh-server";

const digest = createHash("sha256")
  .update(`${baseImage} ${packages}`)
  .update(readFileSync(script))
  .digest("hex")
  .slice(0, 12);

/** Its name, once {@link daemonsFailure} has found nothing missing. */
export const daemonsImage = `localhost/upkeep-e2e-daemons:${digest}`;

/** Makes the image where it is not there yet: for a test's `needs`. A build fails the tests unless it is for want of a network. */
export async function daemonsFailure(): Promise<Need> {
  if (containers !== undefined) return containers;
  if ((await podman(["image", "exists", daemonsImage])).code === 0) return undefined;
  const archive = join(repositoryRoot, ".cache", `install_clean-${process.pid}.tar`);
  mkdirSync(join(repositoryRoot, ".cache"), { recursive: true });
  try {
    await execa("tar", ["-cf", archive, "-C", rootfs, "usr/sbin/install_clean"]);
    const image = await buildImage("daemons", { tar: archive, lines: [`RUN install_clean ${packages}`] });
    const { code, stderr } = await podman(["tag", image, daemonsImage]);
    if (code !== 0) throw new Error(stderr);
    return undefined;
  } catch (error) {
    if (!/Failed to fetch|Could not resolve|Unable to connect/.test((error as Error).message)) throw error;
    return "a registry of Debian packages; to enable: let builds of podman reach one";
  } finally {
    await execa("rm", ["-f", archive]);
  }
}
