/* The image layout of a release, as podman takes it: the image of the machine's architecture, for COPY --from=. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect } from "vitest";
import { packLayer } from "../../scripts/image/tar.ts";
import { imageLayout, type Platform } from "../../scripts/release/oci.ts";
import { buildImage, containers, ownImage, removeImages } from "../rig/container/images.ts";
import { demand, podman, PodmanContainer } from "../rig/container/podman.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { version as current } from "../rig/core/other-build.ts";
import { scratchDirectory } from "../rig/core/scratch.ts";
import { standalone } from "../rig/core/suites.ts";
import { waitLimit } from "../rig/core/until.ts";

afterAll(removeImages, 5 * waitLimit);

const time = new Date("1980-01-01T00:00:00Z");
/** So that no other test process makes an image of this name. */
const version = `${current}-${process.pid}`;
const image = `localhost/upkeep-layer:${version}`;

/** Quickly compressed: what matters is that it is. */
function platform(architecture: Platform["architecture"], layer: Uint8Array): Platform {
  const diff = createHash("sha256").update(layer).digest("hex");
  return { architecture, diff, layer: gzipSync(layer, { level: 1 }) };
}

async function writeLayout(path: string): Promise<void> {
  const ours = readFileSync(join(repositoryRoot, "dist/image/upkeep-layer.tar"));
  const foreign = await packLayer([{ kind: "file", path: "foreign", mode: 0o644, content: Buffer.from("x") }], time);
  const machines = { x64: "amd64", arm64: "arm64" } as const;
  const [own, other] = process.arch === "arm64" ? [machines.arm64, machines.x64] : [machines.x64, machines.arm64];
  const platforms = [platform(other, foreign), platform(own, ours)];
  const entries = imageLayout(platforms, { version, licence: "MIT", commit: null, time });
  writeFileSync(path, await packLayer(entries, time));
}

rigTest(
  "podman pulls the image of its architecture from the layout, and COPY --from= puts the suite on a base",
  [standalone],
  async (rig) => {
    using scratch = scratchDirectory();
    const archive = join(scratch.path, "oci.tar");
    await writeLayout(archive);
    try {
      await demand(["pull", "--quiet", `oci-archive:${archive}`]);
      const facts = await demand(["image", "inspect", "--format", "{{.Architecture}} {{.Config.Cmd}}", image]);
      expect(facts).toBe(`${process.arch === "arm64" ? "arm64" : "amd64"} []`);
      const lines = [`COPY --from=${image} / /`, 'RUN ["/usr/lib/upkeep/prepare"]', 'CMD ["/sbin/my_init"]'];
      await using container = await PodmanContainer.run(rig, await buildImage("copied", { lines }));
      await rig.until("services", async () => (await container.exec(["sv", "status", "cron"])).code === 0);
      expect((await container.exec(["sv", "--version"])).stdout).toBe(`sv ${current}\n`);
    } finally {
      await podman(["rmi", "--force", ownImage("copied"), image]);
    }
  },
  { needs: containers },
);
