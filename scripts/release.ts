import { writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { parseArgs } from "node:util";

import { execa } from "execa";

import { build } from "./build/build.ts";
import { rootManifest } from "./manifest.ts";
import { progress } from "./progress.ts";
import { type Bump, bumped, bumps, checkTag } from "./release/bump.ts";
import { bumpedFiles } from "./release/bumped-files.ts";
import { releaseDate } from "./release/date.ts";
import { isUnreachable, maintainerOf } from "./release/debian/control.ts";
import { makeRelease } from "./release/release.ts";
import { fetchRuntimes } from "./release/runtimes.ts";
import { targets } from "./release/targets.ts";
import { runScript } from "./run-script.ts";

const usage = `\
npm run release [-- options]

Leaves in dist/release: the archives of all machines, the packages for Debian
and npm, an image layout (OCI), the bills of materials (CycloneDX), the licences,
and SHA256SUMS. Publishes nothing.

  --only NAME,...   only for: ${targets.map(({ name }) => name).join(", ")}
  --level N         how hard xz and gzip compress, 0 to 9 (6)
  --tag NAME        refuses to make it unless the tag is v and the version
  --bump PART       instead write the next version everywhere: major, minor or patch
  --dry-run         with --bump: names the files that would be written; a release
                    publishes nothing in any case
`;

const directory = "dist/release";

await runScript("release", main);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      level: { type: "string", default: "6" },
      tag: { type: "string" },
      bump: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  if (values.bump !== undefined) return await bump(partOf(values.bump), values["dry-run"]);
  if (values.tag !== undefined) checkTag(values.tag, rootManifest().version);
  await release(chosen(values.only), levelOf(values.level));
}

async function release(names: ReadonlySet<string>, level: number): Promise<void> {
  await build();
  progress("Fetching the runtimes ...");
  await fetchRuntimes(targets.filter(({ name }) => names.has(name)));
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const { version, author } = rootManifest();
  const date = await releaseDate(process.env["SOURCE_DATE_EPOCH"]);
  const made = await makeRelease(names, { directory, version, commit: await commitOfTree(), level, date });
  const maintainer = maintainerOf(process.env, author);
  if (made.some((name) => name.endsWith(".deb")) && isUnreachable(maintainer)) {
    process.stderr.write(`release: warning: nobody can reach the maintainer of the Debian packages: ${maintainer}\n`);
  }
  for (const name of made) process.stdout.write(`${directory}/${name}\n`);
}

function chosen(only: string | undefined): ReadonlySet<string> {
  const all = targets.map(({ name }) => name);
  const names = only?.split(",") ?? all;
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`--only: there is no ${unknown}; see npm run release -- --help`);
  return new Set(names);
}

function levelOf(text: string): number {
  if (!/^\d$/.test(text)) throw new Error(`--level: ${text} is no level from 0 to 9`);
  return Number(text);
}

function partOf(text: string): Bump {
  const part = bumps.find((each) => each === text);
  if (part === undefined) throw new Error(`--bump: ${text} is none of ${bumps.join(", ")}`);
  return part;
}

/** Null if the tree is not that of a commit: then nobody can make the same bytes again. */
async function commitOfTree(): Promise<string | null> {
  const { stdout: changes, failed } = await execa("git", ["status", "--porcelain"], { reject: false });
  if (failed || changes !== "") return null;
  return (await execa("git", ["rev-parse", "HEAD"])).stdout;
}

/** Writes the next version wherever a version is, or tells where. */
async function bump(part: Bump, isDry: boolean): Promise<void> {
  const before = rootManifest().version;
  const version = bumped(before, part);
  const files = bumpedFiles(before, version, new Date());
  if (isDry) {
    for (const { path } of files) process.stdout.write(`${path}\n`);
    return;
  }
  for (const { path, text } of files) writeFileSync(path, text);
  // A longer number moves the columns of tables.
  await execa(
    "oxfmt",
    files.map(({ path }) => path).filter((path) => path.endsWith(".md")),
    { stdin: "ignore" },
  );
  process.stdout.write(`${version}\n`);
}
