import { chmod, cp, mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { existsSync, globSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

import { rolldown } from "rolldown";

import { namesOnNode } from "./command-names.ts";
import { pageModule } from "./page.ts";

/** The oldest Node that the bundles are made for. */
const oldest = { major: 22, minor: 22 } as const;
const target = `node${oldest.major}.${oldest.minor}`;

/** The exit codes of commands that cannot start, where they are not 111: those of `program/core/exit-code`. */
const fatalCodes: Readonly<Record<string, number>> = { runsvdir: 100, sv: 100, my_init: 1, setuser: 1 };

/** The terminal interface of `sv top` is larger than all else together, so it has a file of its own that nothing else loads. */
const top = { source: "./show-top.ts", entry: "packages/sv/src/top/show-top.ts", file: "lib/sv-top.js" } as const;

/** It cannot be bundled. Where packages are looked for, that of somebody else could be found. */
const koffi = { source: "koffi", file: "lib/koffi/index.js" } as const;

/**
 * Bundles each command into one file for Node, and puts koffi beside them.
 *
 * @param commit what `upkeep --version --json` tells; null: nothing. @returns the files that went into the bundles.
 */
export async function buildForNode(
  directory: string,
  commit: string | null = null,
): Promise<{ readonly bundled: ReadonlySet<string> }> {
  const define = commit === null ? {} : { BUILD_COMMIT: JSON.stringify(commit) };
  const bundled = new Set<string>();
  await mkdir(join(directory, "bin"), { recursive: true });
  for (const name of namesOnNode) {
    const file = join(directory, "bin", name);
    const banner = `#!/usr/bin/env node\n${versionCheck(name)}`;
    for (const path of await bundle(name, entryOf(name), file, { banner, define })) bundled.add(path);
    await chmod(file, 0o755);
  }
  for (const path of await bundle("sv top", top.entry, join(directory, top.file), { banner: "", define }))
    bundled.add(path);
  // The files have no extension. This makes them modules.
  await writeFile(join(directory, "package.json"), '{ "private": true, "type": "module" }\n');
  bundled.add(await copyKoffi(join(directory, "lib")));
  return { bundled };
}

/** Returns the files that went into the bundle. */
async function bundle(
  name: string,
  entry: string,
  file: string,
  { banner, define }: { readonly banner: string; readonly define: Record<string, string> },
): Promise<readonly string[]> {
  await using build = await rolldown({
    input: resolve(entry),
    platform: "node",
    // Ink asks for a debugger that we do not have, and React has two builds.
    resolve: { alias: { "react-devtools-core": false, "#page": resolve(pageModule) } },
    plugins: [
      {
        name: "apart",
        resolveId: (source) => {
          const part = [top, koffi].find((one) => one.source === source);
          return part === undefined ? null : { id: `../${part.file}`, external: true };
        },
      },
    ],
    transform: { target, define: { "process.env.NODE_ENV": '"production"', ...define } },
    onwarn(warning) {
      throw new Error(`${name}: ${warning.message}`);
    },
  });
  const { output } = await build.write({ file, format: "esm", codeSplitting: false, banner });
  // A module that was left out counts as one as well, without a file.
  return output.flatMap((part) => (part.type === "chunk" ? part.moduleIds.filter((id) => existsSync(id)) : []));
}

/** Code that ends a command on a Node that lacks what it needs, with one sentence. All that comes behind it is parsed before. */
function versionCheck(name: string): string {
  const { major, minor } = oldest;
  return `{
  const { versions: { node }, execPath } = process;
  const [major, minor] = node.split(".").map(Number);
  if (major < ${major} || (major === ${major} && minor < ${minor})) {
    process.stderr.write(\`${name}: fatal: Node ${major}.${minor} or later is needed, this is \${node} (\${execPath})\\n\`);
    process.exit(${fatalCodes[name] ?? 111});
  }
}`;
}

/** A package may hold several commands. */
function entryOf(name: string): string {
  if (name === "upkeep") return "packages/upkeep/src/main.ts";
  const [entry, ...others] = globSync(`packages/*/bin/${name}.ts`);
  if (entry === undefined || others.length > 0) throw new Error(`${name}: there must be one packages/*/bin/${name}.ts`);
  return entry;
}

/** Copies what loading koffi needs, without its C++ sources, documentation and other platforms. */
async function copyKoffi(modules: string): Promise<string> {
  const source = await realpath("packages/linux/node_modules/koffi");
  const entry = join(source, "index.js");
  const files = ["LICENSE.txt", "index.js", "src/koffi/index.js", "src/koffi/src/static.js"];
  for (const file of files) await cp(join(source, file), join(modules, "koffi", file));
  // Of its manifest Node reads, at this place, only that these are modules.
  const { name, version, license } = JSON.parse(await readFile(join(source, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly license: string;
  };
  const manifest = { name, version, license, type: "module" };
  await writeFile(join(modules, "koffi/package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const platform = `@koromix/koffi-${process.platform}-${process.arch}`;
  await cp(dirname(createRequire(entry).resolve(platform)), join(modules, platform), { recursive: true });
  return entry;
}
