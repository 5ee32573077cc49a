import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";

import { execa } from "execa";

import { commandNames } from "./command-names.ts";
import { pageCondition } from "./page.ts";
import { silenceRuntimeVariables } from "./runtime-variables.ts";

/** For whom an executable is made that does not run here. */
export interface CrossTarget {
  /** As the archive is called after it, and `upkeep --version --json` tells. */
  readonly name: string;
  /** As `bun build --target` has it. */
  readonly target: string;
  /** The runtime to put in, a file. */
  readonly runtime: string;
  /** What `upkeep --version --json` tells as well; null: nothing. */
  readonly commit: string | null;
}

/** Makes the one executable that needs no runtime, and a link to it for every command. */
export async function buildStandalone(directory: string): Promise<void> {
  const bin = join(directory, "bin");
  await mkdir(bin, { recursive: true });
  await buildExecutable(bin);
  for (const name of commandNames) await symlink("upkeep", join(bin, name));
}

/** Makes the executable `upkeep` in a directory: for this machine, or for another one. */
export async function buildExecutable(directory: string, cross: CrossTarget | null = null): Promise<void> {
  const options = [
    "--compile",
    "--minify",
    // Otherwise every command loads the code of all: ten times the start-up time, twice the memory.
    "--splitting",
    "--bytecode",
    "--format=esm",
    // The working directory may be a service directory, whose files are none of ours.
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    // React has two builds, and Ink asks for a debugger that we do not have.
    `--define=process.env.NODE_ENV="production"`,
    "--external=react-devtools-core",
    `--conditions=${pageCondition}`,
    "--outfile=upkeep",
    ...(cross === null ? [] : crossOptions(cross)),
  ];
  // The way from the working directory to the sources goes into the executable, so it must always be the same one. Bun
  // also leaves temporary files there.
  const staging = await mkdtemp(resolve("dist/.executable-"));
  try {
    const words = ["build", ...options, resolve("packages/upkeep/src/main.ts")];
    const bun = resolve("node_modules/.bin/bun");
    const { failed, all } = await execa(bun, words, { cwd: staging, stdin: "ignore", all: true, reject: false });
    if (failed) throw new Error(`unable to build the stand-alone executable:\n${all}`);
    await silenceRuntimeVariables(join(staging, "upkeep"), join(directory, "upkeep"));
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function crossOptions({ name, target, runtime, commit }: CrossTarget): readonly string[] {
  return [
    `--target=${target}`,
    `--compile-executable-path=${runtime}`,
    `--define=BUILD_TARGET=${JSON.stringify(name)}`,
    ...(commit === null ? [] : [`--define=BUILD_COMMIT=${JSON.stringify(commit)}`]),
  ];
}
