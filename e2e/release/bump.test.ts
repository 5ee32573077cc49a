/* The next version, written into a copy of the repository: all that has a version has the next one, and tests hold. */
import { execa } from "execa";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { program } from "../rig/core/needs.ts";
import { version } from "../rig/core/other-build.ts";
import { scratchDirectory } from "../rig/core/scratch.ts";
import { standalone } from "../rig/core/suites.ts";

/** Of longer length, so that tables change. */
const next = `${version.split(".")[0]}.${Number(version.split(".")[1]) + 1}.0`;

/** The files that git has, those that it does not know yet included, and links to what they need. "$0" is the copy. */
const copy = `set -e; mkdir "$0"
git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$0"
cp -al node_modules "$0/"; for path in packages/*/node_modules e2e/node_modules bench/node_modules packages/web/built; do
  [ ! -e "$path" ] || cp -al "$path" "$0/$path"; done
cd "$0" && git init -q && git -c user.name=a -c user.email=a@b.test commit -q --allow-empty -m first && git add -A`;

/** Where a version is an example or the fact of a measurement, and none of ours. */
const others = [
  /^CHANGELOG\.md$/,
  /^pnpm-lock\.yaml$/,
  /^docs\/(?:containers|performance|scan-directory)\.md$/,
  /^packages\/(?:supervise|sv)\/test\/core\/renewal/,
];

rigTest(
  "the next version is written everywhere, --dry-run writes nothing, and the documents and tests are sound",
  [standalone],
  async () => {
    using scratch = scratchDirectory();
    const directory = join(scratch.path, "copy");
    await execa("sh", ["-c", copy, directory], { cwd: repositoryRoot });
    const path = [join(directory, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
    const run = async (command: string, ...words: readonly string[]): Promise<string> =>
      (await execa(command, words, { cwd: directory, env: { PATH: path, CI: "1" }, stdin: "ignore" })).stdout;
    const changed = async (): Promise<readonly string[]> => (await run("git", "diff", "--name-only")).split("\n");

    const named = await run("node", "scripts/release.ts", "--bump", "minor", "--dry-run");
    expect(await changed()).toEqual([""]);
    expect(await run("node", "scripts/release.ts", "--bump", "minor")).toBe(next);
    expect(await changed()).toEqual(named.split("\n").toSorted());

    const left = (await run("git", "grep", "--name-only", "--fixed-strings", version)).split("\n");
    expect(left.filter((name) => !others.some((pattern) => pattern.test(name)))).toEqual([]);
    // A page that only leads to another one has no head.
    const headless = ["grep", "--files-without-match", "-e", `"Upkeep ${next}"`, "-e", "^\\.so ", "--", "*.[18]"];
    expect((await execa("git", headless, { cwd: directory, reject: false })).stdout).toBe("");
    expect(readFileSync(join(directory, "CHANGELOG.md"), "utf8")).not.toContain("Nothing has been released");

    await run("oxfmt", "--check", "README.md", "CHANGELOG.md", "docs", "package.json");
    await run("vitest", "run", "test/documents", "test/release", "packages/program/test/core/version.test.ts");
  },
  { needs: program("git", "git") },
);
