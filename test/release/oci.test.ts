import { createHash } from "node:crypto";

import { expect, test } from "vitest";

import { imageLayout } from "../../scripts/release/oci.ts";

const layers = { amd64: Buffer.from("layer for amd64"), arm64: Buffer.from("layer for arm64") };

const entries = imageLayout(
  (["amd64", "arm64"] as const).map((architecture) => ({ architecture, layer: layers[architecture], diff: "ab" })),
  { version: "9.8.7", licence: "MIT", commit: "0123", time: new Date("2026-12-03T12:00:00.5Z") },
);

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly architecture: string };
}

interface Manifest {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

function contentOf(path: string): Uint8Array {
  const entry = entries.find((each) => each.path === path);
  if (entry?.kind !== "file") throw new Error(`no file ${path}`);
  return entry.content;
}

function read(path: string): unknown {
  return JSON.parse(Buffer.from(contentOf(path)).toString("utf8"));
}

function pathOf({ digest }: Descriptor): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** All that a manifest or an index leads to, and what that leads to. */
function reachable(manifest: Manifest): readonly Descriptor[] {
  const next = [...(manifest.manifests ?? []), ...(manifest.layers ?? [])];
  const all = manifest.config === undefined ? next : [manifest.config, ...next];
  return all.flatMap((one) =>
    /(?:manifest|index)\.v1\+json$/.test(one.mediaType) ? [one, ...reachable(read(pathOf(one)) as Manifest)] : [one],
  );
}

test("every descriptor leads to a blob of its size and digest, and every blob has one", () => {
  const descriptors = reachable(read("index.json") as Manifest);
  for (const descriptor of descriptors) {
    const content = contentOf(pathOf(descriptor));
    expect(descriptor.size).toBe(content.length);
    expect(descriptor.digest).toBe(`sha256:${createHash("sha256").update(content).digest("hex")}`);
  }
  const blobs = entries.map(({ path }) => path).filter((path) => path.startsWith("blobs/sha256/"));
  expect(new Set(descriptors.map(pathOf))).toEqual(new Set(blobs));
  expect(read("oci-layout")).toEqual({ imageLayoutVersion: "1.0.0" });
});

test("an engine finds one image, of its own architecture, with nothing to run", () => {
  const [image, ...others] = (read("index.json") as Manifest).manifests ?? [];
  if (image === undefined) throw new Error("no image");
  expect(others).toEqual([]);
  expect(image.annotations).toEqual({
    "org.opencontainers.image.ref.name": "9.8.7",
    "io.containerd.image.name": "localhost/upkeep-layer:9.8.7",
  });
  const platforms = (read(pathOf(image)) as Manifest).manifests ?? [];
  expect(platforms.map(({ platform }) => platform?.architecture)).toEqual(["amd64", "arm64"]);
  for (const { platform, ...descriptor } of platforms) {
    const { config, layers: own } = read(pathOf(descriptor)) as Required<Manifest>;
    expect(own.map((layer) => Buffer.from(contentOf(pathOf(layer))).toString("utf8"))).toEqual([
      `layer for ${platform?.architecture}`,
    ]);
    expect(read(pathOf(config))).toMatchObject({
      architecture: platform?.architecture,
      created: "2026-12-03T12:00:00Z",
      config: { Labels: { "org.opencontainers.image.revision": "0123" } },
      rootfs: { diff_ids: ["sha256:ab"] },
    });
  }
});
