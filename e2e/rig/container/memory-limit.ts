/* Whether podman can limit the memory of a container. */
import type { Need } from "../core/needs.ts";
import { baseImage, containers } from "./images.ts";
import { podman, prefix, runFlags } from "./podman.ts";

async function tryOne(): Promise<Need> {
  if (containers !== undefined) return containers;
  const flags = ["--rm", "--name", `${prefix}memory`, ...runFlags, "--memory", "64m", "--memory-swap", "64m"];
  // What fills more than there is must be killed.
  const { code, stderr } = await podman(["run", ...flags, baseImage, "perl", "-e", "my $text = q(x) x 100e6"]);
  return code === 137 ? undefined : `containers with a limit of memory (${stderr.trim() || "it has no effect"})`;
}

/** For the `needs` of a test. */
export const memoryLimit: Need = await tryOne();
