import { mkdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";

import { execa } from "execa";

import { commandNames } from "./command-names.ts";
import { silenceRuntimeVariables } from "./runtime-variables.ts";

/** Makes the one executable that needs no runtime, and a link to it for every command. */
export async function buildStandalone(directory: string): Promise<void> {
  const bin = join(directory, "bin");
  await mkdir(bin, { recursive: true });
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
    "--outfile=upkeep",
  ];
  // Bun leaves temporary files in its working directory. This one is removed, also after a failed build.
  const bun = resolve("node_modules/.bin/bun");
  const { failed, all } = await execa(bun, ["build", ...options, resolve("packages/upkeep/src/main.ts")], {
    cwd: bin,
    stdin: "ignore",
    all: true,
    reject: false,
  });
  if (failed) throw new Error(`unable to build the stand-alone executable:\n${all}`);
  await silenceRuntimeVariables(join(bin, "upkeep"));
  for (const name of commandNames) await symlink("upkeep", join(bin, name));
}
