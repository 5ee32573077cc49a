/* The same commit makes the same bytes: a release made here, and one made by another user's habits elsewhere. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { scratchDirectory } from "../rig/core/scratch.ts";
import { standalone } from "../rig/core/suites.ts";
import { locked } from "../rig/machines/locked.ts";

/** What `npm run release` does for one machine. A child does it: a test imports no source of a package. */
const release = `
import { copyLicences, makeArchive, writeSums } from "./scripts/release/archive.ts";
import { makeLayout } from "./scripts/release/layout.ts";
import { fetchRuntimes } from "./scripts/release/runtimes.ts";
import { targets } from "./scripts/release/targets.ts";
const [directory, isElsewhere] = process.argv.slice(1);
const name = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const options = { directory, version: "9.8.7", commit: "0".repeat(40), level: 0 };
if (isElsewhere === undefined) await fetchRuntimes();
const made = await makeArchive(targets.find((each) => each.name === name), options);
const all = [...made, ...(await makeLayout(options, new Set([name]))), ...(await copyLicences(directory))];
await writeSums(directory, all);`;

const make = ["node", "--input-type=module", "--eval", release] as const;

/** Makes links of what a build reads, and of what the build here has left. */
const copy = `
inputs="packages scripts image man package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.base.json LICENSE"
mkdir -p "$0/node_modules" "$0/dist" && cp -al $inputs "$0" &&
cp -al node_modules/* node_modules/.bin node_modules/.pnpm "$0/node_modules" &&
cp -al dist/libraries.json dist/THIRD-PARTY-LICENSES.txt dist/runtimes "$0/dist"`;

/**
 * xz and gzip that leave files as they are. The real ones would take most of the time, and make the same bytes of the same
 * bytes.
 */
function withoutCompression(directory: string): string {
  const move = 'for file; do :; done; case $1 in --decompress) exec cat "$file" ;; *) mv "$file" "$file';
  mkdirSync(directory);
  for (const [name, suffix] of Object.entries({ xz: "xz", gzip: "gz" })) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${move}.${suffix}" ;; esac\n`, { mode: 0o755 });
  }
  return [directory, process.env["PATH"]].join(delimiter);
}

function digestsIn(directory: string): Readonly<Record<string, string>> {
  const digestOf = (name: string): string =>
    createHash("sha256")
      .update(readFileSync(join(directory, name)))
      .digest("hex");
  return Object.fromEntries(readdirSync(directory).map((name) => [name, digestOf(name)]));
}

rigTest("a release of the same commit has the same bytes, wherever it is made", [standalone], async () => {
  using scratch = scratchDirectory();
  const [here, elsewhere, path] = ["here", "elsewhere", "a/deeper/place"].map((name) => join(scratch.path, name));
  if (here === undefined || elsewhere === undefined || path === undefined) throw new Error("no directories");
  const PATH = withoutCompression(join(scratch.path, "bin"));
  const script = 'mkdir "$1" "$2" && cd "$3" && export PATH="$4" && shift 4 && "$@"';
  await locked("release", script, [here, elsewhere, repositoryRoot, PATH, ...make, here]);
  await execa("sh", ["-c", copy, path], { cwd: repositoryRoot });
  await execa("sh", ["-c", 'umask 077 && exec "$@"', "sh", ...make, elsewhere, "elsewhere"], {
    cwd: path,
    env: { PATH, TZ: "Asia/Kathmandu", LC_ALL: "C", HOME: scratch.path, USER: "somebody" },
    stdin: "ignore",
  });
  const digests = digestsIn(here);
  expect(Object.keys(digests).length).toBe(6);
  expect(digestsIn(elsewhere)).toEqual(digests);
});
