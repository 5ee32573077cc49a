/*
 * The same commit makes the same bytes: a release made here, and one made by another user's habits elsewhere, from the
 * sources to the files with their checksums: archive, bill of materials, Debian package, npm packages, image layout.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { program } from "../rig/core/needs.ts";
import { scratchDirectory } from "../rig/core/scratch.ts";
import { standalone } from "../rig/core/suites.ts";
import { locked } from "../rig/machines/locked.ts";

/**
 * What `npm run release -- --level 0` does for one machine. A child does it: a test imports no source of a package.
 * Elsewhere it also bundles the page and the commands for Node, which the build has left here.
 */
const release = `
import { buildForNode } from "./scripts/build/for-node.ts";
import { buildPage } from "./scripts/build/page.ts";
import { copyLicences, makeArchive, writeSums } from "./scripts/release/archive.ts";
import { makeLayout } from "./scripts/release/layout.ts";
import { makePackages } from "./scripts/release/packages.ts";
import { targets } from "./scripts/release/targets.ts";
const [directory, isElsewhere] = process.argv.slice(1);
const name = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const target = targets.find((each) => each.name === name);
const options = { directory, version: "9.8.7", commit: "0".repeat(40), level: 0 };
if (isElsewhere !== undefined) {
  await buildPage();
  await buildForNode("dist/node");
}
const names = new Set([name]);
const made = [...(await makeArchive(target, options)), ...(await makePackages(names, options))];
made.push(...(await makeLayout(options, names)), ...(await copyLicences(directory)));
await writeSums(directory, made);`;

/** What it does before. */
const fetch = `
import { fetchRuntimes } from "./scripts/release/runtimes.ts";
import { targets } from "./scripts/release/targets.ts";
const name = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
await fetchRuntimes([targets.find((each) => each.name === name)]);`;

const make = ["node", "--input-type=module", "--eval", release] as const;

/** Makes links of what a build reads, and of what the build here has left, but for what is built there. */
const copy = `
inputs="packages scripts image man docs examples package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.base.json LICENSE"
mkdir -p "$0/node_modules" "$0/dist" && cp -al $inputs README.md CHANGELOG.md "$0" && rm "$0/packages/web/built/page.ts" &&
cp -al node_modules/* node_modules/.bin node_modules/.pnpm "$0/node_modules" &&
cp -al dist/libraries.json dist/THIRD-PARTY-LICENSES.txt dist/runtimes "$0/dist"`;

function digestsIn(directory: string): Readonly<Record<string, string>> {
  const digestOf = (name: string): string =>
    createHash("sha256")
      .update(readFileSync(join(directory, name)))
      .digest("hex");
  return Object.fromEntries(readdirSync(directory).map((name) => [name, digestOf(name)]));
}

/** What a release for one machine consists of. */
const files = [
  /^LICENSE$/,
  /^SHA256SUMS$/,
  /^THIRD-PARTY-LICENSES\.txt$/,
  /^upkeep-9\.8\.7-linux-\w+\.cdx\.json$/,
  /^upkeep-9\.8\.7-linux-\w+\.tar\.xz$/,
  /^upkeep-9\.8\.7-oci\.tar$/,
  /^upkeep-9\.8\.7\.tgz$/,
  /^upkeep-linux-\w+-9\.8\.7\.tgz$/,
  /^upkeep_9\.8\.7-1_\w+\.deb$/,
];

rigTest(
  "a release of the same commit has the same bytes, wherever it is made",
  [standalone],
  async () => {
    using scratch = scratchDirectory();
    const [here, elsewhere, path] = ["here", "elsewhere", "a/deeper/place"].map((name) => join(scratch.path, name));
    if (here === undefined || elsewhere === undefined || path === undefined) throw new Error("no directories");
    // Packages have the time of the commit otherwise, and there is no repository elsewhere.
    const epoch = "1700000000";
    for (const directory of [here, elsewhere]) mkdirSync(directory);
    const fetching = ["node", "--input-type=module", "--eval", fetch];
    await locked("release", 'cd "$1" && shift && "$@"', [repositoryRoot, ...fetching]);
    await execa("sh", ["-c", copy, path], { cwd: repositoryRoot });
    const habits = { TZ: "Asia/Kathmandu", LC_ALL: "C", HOME: scratch.path, USER: "somebody" };
    const common = { stdin: "ignore", env: { SOURCE_DATE_EPOCH: epoch } } as const;
    const [node, ...words] = make;
    await Promise.all([
      execa(node, [...words, here], { ...common, cwd: repositoryRoot }),
      execa("sh", ["-c", 'umask 077 && exec "$@"', "sh", ...make, elsewhere, "elsewhere"], {
        ...common,
        cwd: path,
        env: { ...common.env, ...habits },
      }),
    ]);
    const digests = digestsIn(here);
    expect(Object.keys(digests).toSorted()).toEqual(files.map((name) => expect.stringMatching(name)));
    expect(digestsIn(elsewhere)).toEqual(digests);
  },
  { needs: program("dpkg-deb", "dpkg") },
);
