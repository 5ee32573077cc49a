import { accessSync, constants } from "node:fs";
import { dirname, resolve } from "node:path";

/** One of the programs that are measured side by side. */
export interface Contender {
  /** Key of its samples. */
  readonly name: string;
  readonly title: string;
  /** Absolute paths of the programs that it needs. */
  readonly programs: readonly string[];
  /** The Debian package that it comes from; null: our build. */
  readonly package: string | null;
}

/** Where the distribution's packages put their commands. */
export const systemBin = "/usr/bin";

export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** `PATH` for our bundles too: they begin with #!/usr/bin/env node, which must find the Node that runs this. */
export const pathWithNode: string = `${dirname(process.execPath)}:${systemPath}`;

/** Our two builds as contenders; `make` gets the directory of a build's commands. */
export function ourBuilds<C>(make: (bin: string) => C): readonly [standalone: C & Ours, node: C & Ours] {
  const ours = (name: "standalone" | "node", title: string): C & Ours => ({
    ...make(resolve(import.meta.dirname, "../../dist", name, "bin")),
    name,
    title,
    package: null,
  });
  return [ours("standalone", "stand-alone"), ours("node", "on Node")];
}

type Ours = Pick<Contender, "name" | "title" | "package">;

/** True when all programs of a contender can be executed. */
export function isInstalled({ programs }: Contender): boolean {
  return programs.every((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The note on a contender that is not installed. */
export function skippedNote({ title, package: name }: Contender): string {
  return `skipped ${title}; to enable: ${name === null ? "npm run build" : `apt-get install ${name}`}\n`;
}
