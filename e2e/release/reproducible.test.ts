/*
 * The same commit makes the same bytes: a release made here, and one made by another user's habits elsewhere, from the
 * sources to the files with their checksums: archive, bill of materials, Debian package, npm packages, image layout. And
 * what is in that release is what the documents say.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect } from "vitest";
import { buildImage, removeImages } from "../rig/container/images.ts";
import { packagesFailure } from "../rig/container/packaged-image.ts";
import { PodmanContainer } from "../rig/container/podman.ts";
import { runitImage } from "../rig/container/runit-image.ts";
import { smallRoot } from "../rig/container/small-root.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { privateMounts, program } from "../rig/core/needs.ts";
import { version } from "../rig/core/other-build.ts";
import { scratchDirectory } from "../rig/core/scratch.ts";
import { standalone } from "../rig/core/suites.ts";
import { waitLimit } from "../rig/core/until.ts";
import { expectLife, life } from "../rig/machines/life.ts";
import { locked } from "../rig/machines/locked.ts";

/**
 * What `npm run release -- --level 0` does for one machine. A child does it: a test imports no source of a package.
 * Elsewhere it also makes what the build has left here: the page, and the licences and names of all libraries.
 */
const release = `
import { join } from "node:path";
import { buildForNode } from "./scripts/build/for-node.ts";
import { writeLibraries } from "./scripts/build/licences.ts";
import { buildPage } from "./scripts/build/page.ts";
import { makeRelease } from "./scripts/release/release.ts";
const [directory, version, commit, name, isElsewhere] = process.argv.slice(1);
if (isElsewhere !== undefined) {
  const page = await buildPage();
  const { bundled } = await buildForNode("dist/node");
  await writeLibraries("dist", [...bundled, ...page.bundled]);
}
const date = new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000);
await makeRelease(new Set([name]), { directory, version, commit, level: 0, date });`;

/** What it does before. */
const fetch = `
import { fetchRuntimes } from "./scripts/release/runtimes.ts";
import { targets } from "./scripts/release/targets.ts";
await fetchRuntimes(targets.filter(({ name }) => name === process.argv[1]));`;

const machine = process.arch === "arm64" ? "linux-arm64" : "linux-x64";
const commit = "0123456789abcdef0123456789abcdef01234567";
const make = ["node", "--input-type=module", "--eval", release] as const;

/** Makes links of what a build reads. Of what the build here has left it takes the runtimes only, which come from npm. */
const copy = `
inputs="packages scripts image man docs examples package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.base.json LICENSE"
mkdir -p "$0/node_modules" "$0/dist" && cp -al $inputs README.md CHANGELOG.md "$0" && rm "$0/packages/web/built/page.ts" &&
cp -al node_modules/* node_modules/.bin node_modules/.pnpm "$0/node_modules" && cp -al dist/runtimes "$0/dist"`;

const scratch = scratchDirectory();
const here = join(scratch.path, "here");
/** Packages have the time of the commit otherwise, and there is no repository elsewhere. */
const common = { stdin: "ignore", env: { SOURCE_DATE_EPOCH: "1700000000" } } as const;
const archive = join(here, `upkeep-${version}-${machine}.tar.xz`);
const facts = { version, commit, target: machine } as const;
const needs = program("dpkg-deb", "dpkg");

/** The release that all tests here look at. */
beforeAll(async () => {
  mkdirSync(here);
  const fetching = ["node", "--input-type=module", "--eval", fetch, machine];
  await locked("release", 'cd "$1" && shift && "$@"', [repositoryRoot, ...fetching]);
  const [node, ...words] = make;
  await execa(node, [...words, here, version, commit, machine], { ...common, cwd: repositoryRoot });
}, 10 * waitLimit);

afterAll(async () => {
  scratch[Symbol.dispose]();
  await removeImages();
}, 5 * waitLimit);

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
  /^upkeep-\d+\.\d+\.\d+-linux-\w+\.cdx\.json$/,
  /^upkeep-\d+\.\d+\.\d+-linux-\w+\.tar\.xz$/,
  /^upkeep-\d+\.\d+\.\d+-oci\.tar$/,
  /^upkeep-\d+\.\d+\.\d+\.tgz$/,
  /^upkeep-linux-\w+-\d+\.\d+\.\d+\.tgz$/,
  /^upkeep_\d+\.\d+\.\d+-1_\w+\.deb$/,
];

rigTest(
  "a release of the same commit has the same bytes, wherever it is made",
  [standalone],
  async () => {
    const [elsewhere, path] = [join(scratch.path, "elsewhere"), join(scratch.path, "a/deeper/place")];
    mkdirSync(elsewhere);
    await execa("sh", ["-c", copy, path], { cwd: repositoryRoot });
    const habits = { TZ: "Asia/Kathmandu", LC_ALL: "C", HOME: scratch.path, USER: "somebody" };
    const words = [...make, elsewhere, version, commit, machine, "elsewhere"];
    await execa("sh", ["-c", 'umask 077 && exec "$@"', "sh", ...words], {
      ...common,
      cwd: path,
      env: { ...common.env, ...habits },
    });
    const digests = digestsIn(here);
    expect(Object.keys(digests).toSorted()).toEqual(files.map((name) => expect.stringMatching(name)));
    expect(digestsIn(elsewhere)).toEqual(digests);
  },
  { needs },
);

rigTest(
  "the archive, unpacked as the documents say, is the suite with pages and bill, and its sums are right",
  [standalone],
  async (rig) => {
    await execa("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: here });
    using base = await smallRoot(rig.suite, "split");
    const directory = base.path;
    await execa("tar", ["-C", directory, "-Jxpf", archive]);
    const chroot = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"';
    const words = ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", chroot, directory];
    const options = { env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" }, timeout: 3 * waitLimit, all: true } as const;
    expect((await execa("unshare", [...words, "/usr/lib/upkeep/prepare"], options)).all).toBe("");
    const { all } = await execa("unshare", [...words, "sh", "-c", life, "/life"], options);
    expectLife(all, "/life", facts);
    const pages = readdirSync(join(repositoryRoot, "man")).toSorted();
    const unpacked = ["man1", "man8"].flatMap((name) => readdirSync(join(directory, "usr/share/man", name)));
    expect(unpacked.toSorted()).toEqual(pages);
    const bill = readFileSync(join(directory, "usr/share/doc/upkeep/upkeep.cdx.json"), "utf8");
    expect(bill).toBe(readFileSync(archive.replace(".tar.xz", ".cdx.json"), "utf8"));
    expect(JSON.parse(bill)).toMatchObject({ metadata: { timestamp: "2023-11-14T22:13:20.000Z" } });
  },
  { needs: needs ?? privateMounts },
);

rigTest(
  "the archive, added to an image of a Debian with runit, is the suite there, and its services stay",
  [standalone],
  async (rig) => {
    const lines = ['RUN ["/usr/lib/upkeep/prepare"]'];
    // ADD takes the archive as it is as well, but podman then needs a minute of the processor for what xz does in a second.
    const tar = join(scratch.path, "layer.tar");
    await execa("sh", ["-c", 'exec xz --decompress --stdout "$0" >"$1"', archive, tar]);
    const image = await buildImage("released", { from: runitImage.name, tar, lines });
    await using container = await PodmanContainer.run(rig, image, { command: ["sleep", "86400"] });
    const { stdout } = await container.exec(["sh", "-c", life, "/life"]);
    expectLife(stdout, "/life", facts);
    const tree = "readlink /etc/service /etc/runit/runsvdir/current; ls /etc/service /etc/service/; ls -l /etc/sv/cron";
    const list = async (of: PodmanContainer): Promise<string> => (await of.exec(["sh", "-c", tree])).stdout;
    await using before = await PodmanContainer.run(rig, runitImage.name, { command: ["sleep", "86400"] });
    expect(await list(container)).toBe(await list(before));
  },
  { needs: needs ?? (await packagesFailure(runitImage)) },
);

rigTest(
  "the npm package of a release runs on Node, tells the commit, and besides what a build has it has koffi for arm64",
  [standalone],
  async () => {
    const directory = join(scratch.path, "npm");
    mkdirSync(directory);
    await execa("tar", ["-C", directory, "-xzf", join(here, `upkeep-${version}.tgz`)]);
    const { stdout } = await execa("node", [join(directory, "package/node/bin/upkeep"), "--version", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ version, commit });
    const built =
      readFileSync(join(import.meta.dirname, "../packages/npm-contents.txt"), "utf8").split("\n\n")[0] ?? "";
    const golden = built.split("\n").map((line) => line.trim().split(" ").at(-1) ?? "");
    const released = readdirSync(join(directory, "package"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(directory, "package/").length));
    const place = "node/lib/@koromix/koffi-linux-arm64/";
    const names = ["README.md", "index.js", "linux_arm64/koffi.node", "musl_arm64/koffi.node", "package.json"];
    const other = names.map((name) => `${place}${name}`);
    expect(released.filter((path) => !golden.includes(path)).toSorted()).toEqual(other);
    expect(golden.slice(1).filter((path) => !released.includes(path))).toEqual([]);
  },
  { needs: needs ?? (process.arch === "x64" ? undefined : "an x64 machine, of which the golden list is") },
);
