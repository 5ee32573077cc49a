import { createHash } from "node:crypto";

import type { LayerEntry } from "../image/layer.ts";

/** An image of one architecture: nothing but one layer. */
export interface Platform {
  /** As Go calls it, and so all engines. */
  readonly architecture: "amd64" | "arm64";
  /** The layer, compressed by gzip. */
  readonly layer: Uint8Array;
  /** SHA-256 of the layer as it was before that, in hexadecimal digits. */
  readonly diff: string;
}

/** What the images of a layout say about themselves. */
export interface Description {
  readonly version: string;
  readonly licence: string;
  /** Null: of no commit. */
  readonly commit: string | null;
  readonly time: Date;
}

/** A file of the layout, named by what is in it. */
interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly content: Uint8Array;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const type = (kind: string): string => `application/vnd.oci.image.${kind}`;

/**
 * Lists the files of an image layout for several architectures, sorted by path. Engines take the image of theirs.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
 */
export function imageLayout(platforms: readonly Platform[], description: Description): readonly LayerEntry[] {
  const images = platforms.map((platform) => imageOf(platform, description));
  const index = jsonBlob(type("index.v1+json"), {
    schemaVersion: 2,
    mediaType: type("index.v1+json"),
    manifests: images.map(({ manifest, architecture }) => ({
      ...descriptorOf(manifest),
      platform: { architecture, os: "linux" },
    })),
    annotations: annotationsOf(description),
  });
  const entry = {
    schemaVersion: 2,
    mediaType: type("index.v1+json"),
    // One image of this name: an engine that finds several here asks for the name of one.
    manifests: [{ ...descriptorOf(index), annotations: names(description.version) }],
  };
  const blobs = [index, ...images.flatMap(({ blobs: all }) => all)];
  const files: readonly LayerEntry[] = [
    ...["blobs", "blobs/sha256"].map((path) => ({ kind: "directory", path, mode: 0o755 }) as const),
    ...blobs.map(({ digest, content }) => file(`blobs/${digest.replace(":", "/")}`, content)),
    file("index.json", json(entry)),
    file("oci-layout", json({ imageLayoutVersion: "1.0.0" })),
  ];
  return files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function imageOf({ architecture, layer, diff }: Platform, description: Description) {
  const compressed = blob(type("layer.v1.tar+gzip"), layer);
  const created = timeOf(description);
  const config = jsonBlob(type("config.v1+json"), {
    created,
    architecture,
    os: "linux",
    config: { Labels: annotationsOf(description) },
    rootfs: { type: "layers", diff_ids: [`sha256:${diff}`] },
    history: [{ created, created_by: "npm run release" }],
  });
  const manifest = jsonBlob(type("manifest.v1+json"), {
    schemaVersion: 2,
    mediaType: type("manifest.v1+json"),
    config: descriptorOf(config),
    layers: [descriptorOf(compressed)],
    annotations: annotationsOf(description),
  });
  return { architecture, manifest, blobs: [manifest, config, compressed] };
}

/** By the keys of the specification. */
function annotationsOf({ version, licence, commit, time }: Description): Readonly<Record<string, string>> {
  const annotations = {
    created: timeOf({ time }),
    title: "upkeep",
    description: "The files of the service supervision suite Upkeep, for COPY --from=",
    version,
    licenses: licence,
    ...(commit === null ? {} : { revision: commit }),
  };
  return Object.fromEntries(
    Object.entries(annotations).map(([key, text]) => [`org.opencontainers.image.${key}`, text]),
  );
}

/** The name that podman and docker give the image: the first is the specification's, the second containerd's. */
function names(version: string): Readonly<Record<string, string>> {
  return {
    "org.opencontainers.image.ref.name": version,
    "io.containerd.image.name": `localhost/upkeep-layer:${version}`,
  };
}

/** RFC 3339, in whole seconds. */
function timeOf({ time }: Pick<Description, "time">): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}

function file(path: string, content: Uint8Array): LayerEntry {
  return { kind: "file", path, mode: 0o644, content };
}

function jsonBlob(mediaType: string, value: unknown): Blob {
  return blob(mediaType, json(value));
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function blob(mediaType: string, content: Uint8Array): Blob {
  return { mediaType, digest: `sha256:${createHash("sha256").update(content).digest("hex")}`, content };
}

function descriptorOf({ mediaType, digest, content }: Blob): Descriptor {
  return { mediaType, digest, size: content.length };
}
