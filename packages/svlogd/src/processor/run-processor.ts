import { SystemError } from "@upkeep/linux/core/errno";
import type { EnvironmentEntry } from "@upkeep/linux/exec/environment";
import type { Exit } from "@upkeep/linux/process/wait";

import type { Children } from "@upkeep/linux/exec/children";
import { compress, isCompressor } from "./compressor.ts";
import type { ProcessorFiles } from "./processor-files.ts";

export interface RunPorts {
  /** Descriptor of the log directory, where the command runs. */
  readonly directory: number;
  readonly environment: readonly EnvironmentEntry[];
  readonly children: Children;
  readonly place: { readonly name: string };
}

/** The command ended with something else than 0. */
class ProcessorFailed extends Error {
  override readonly name = "ProcessorFailed";
}

/** Runs a command on the files, or the compressor of that name. Rejects if it cannot be started, or fails. */
export async function runProcessor(command: string, files: ProcessorFiles, ports: RunPorts): Promise<void> {
  if (isCompressor(command)) return compress(command, files.input, files.output);
  const exit = await runCommand(command, files, ports);
  if (exit.kind === "killed" || exit.code !== 0) throw new ProcessorFailed();
}

function runCommand(command: string, files: ProcessorFiles, ports: RunPorts): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  const started = ports.children.start(
    {
      path: "/bin/sh",
      argv: ["sh", "-c", command],
      environment: ports.environment,
      directory: ports.directory,
      newSession: false,
      stdio: [files.input, files.output, 2],
      descriptors: { 4: files.state, 5: files.newState },
    },
    resolve,
  );
  if (!started.ok) throw new SystemError(`run processor: ${ports.place.name}`, started.errno);
  return promise;
}
