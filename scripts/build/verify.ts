import { join } from "node:path";

import { execa } from "execa";

import { rootManifest } from "../manifest.ts";
import { commandNames, namesOnNode } from "./command-names.ts";

/** Runs every command that was built: a bundler can succeed and leave one that does not start. */
export async function verify(directory: string): Promise<void> {
  const { version } = rootManifest();
  const files = [
    ...["upkeep", ...commandNames].map((name) => ["standalone", name] as const),
    ...namesOnNode.map((name) => ["node", name] as const),
  ];
  for (const [kind, name] of files) {
    const file = join(directory, kind, "bin", name);
    const { exitCode, all } = await execa(file, ["--version"], { stdin: "ignore", all: true, reject: false });
    if (exitCode !== 0 || all !== `${name} ${version}`) {
      throw new Error(`${kind}/bin/${name} --version ends with ${exitCode} and says ${JSON.stringify(all)}`);
    }
  }
}
