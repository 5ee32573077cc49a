import { execa } from "execa";

import { rootManifest } from "../manifest.ts";
import { progress } from "../progress.ts";
import { imageDirectory } from "./write-layer.ts";

export interface ImageOptions {
  readonly base?: string | undefined;
  readonly tag?: string | undefined;
  readonly target?: string | undefined;
  /** The engine's command line. */
  readonly engine?: string | undefined;
  readonly buildOptions: readonly string[];
}

const engines = ["podman", "buildah", "docker"] as const;

/** Builds the image that image/Containerfile describes, with the layer that is in place. */
export async function buildImage({ base, tag = "upkeep", target, engine, buildOptions }: ImageOptions): Promise<void> {
  const [command, ...engineOptions] = (engine ?? (await firstEngine())).split(" ");
  if (command === undefined) throw new Error("--engine: no command");
  const words = [
    ...engineOptions,
    "build",
    ...buildOptions,
    ...(base === undefined ? [] : [`--build-arg=BASE=${base}`]),
    `--build-arg=VERSION=${rootManifest().version}`,
    `--target=${target ?? "image"}`,
    `--tag=${tag}`,
    `--file=${imageDirectory}/Containerfile`,
    imageDirectory,
  ];
  progress(`Building the image ${tag} ...`);
  const isTerminal = process.stderr.isTTY;
  const { failed, all } = await execa(command, words, {
    stdin: "ignore",
    ...(isTerminal ? { stdio: ["ignore", "inherit", "inherit"] } : { all: true }),
    reject: false,
  });
  if (failed) throw new Error(`unable to build the image with ${command}:\n${all ?? ""}`);
}

async function firstEngine(): Promise<string> {
  for (const engine of engines) {
    const { failed } = await execa(engine, ["--version"], { stdin: "ignore", reject: false });
    if (!failed) return engine;
  }
  throw new Error(`an image needs one of ${engines.join(", ")}; the layer is in ${imageDirectory}`);
}
