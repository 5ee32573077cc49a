import { resolve } from "node:path";

import { execa } from "execa";
import type { TestModule, TestUserConfig } from "vitest/node";

import { retries } from "./second-tries.ts";
import { add, atLeastOneFailure, failure, success, type Tally } from "./tally.ts";

/** Where runs put their temporary files that get no directory of their own. They may go on beside one that has one. */
const usual = { TMPDIR: process.env["TMPDIR"] };

/** What came of a run, and what it has to say that it has not yet printed. */
export interface Report {
  readonly tally: Tally;
  readonly output: string;
}

/** Runs a script of package.json as one check, which has something to say only if it fails. */
export async function runCheck(script: string): Promise<Report> {
  const { failed, all } = await execa("npm", ["run", "--silent", script], {
    env: usual,
    stdin: "ignore",
    all: true,
    reject: false,
  });
  return failed ? { tally: failure, output: all } : { tally: success, output: "" };
}

/**
 * Runs the test files of a vitest configuration, or those whose path has one of `words` in it. It prints as it goes.
 *
 * @param temporary a directory for their temporary files.
 */
export async function runVitest(config: string, words: readonly string[], temporary?: string): Promise<Report> {
  if (temporary !== undefined) process.env["TMPDIR"] = temporary;
  try {
    return await vitestReport(config, words);
  } finally {
    if (usual.TMPDIR === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = usual.TMPDIR;
  }
}

/** What one test file came to in one project. */
interface FileResult {
  readonly project: string;
  readonly path: string;
  readonly tally: Tally;
  readonly isOk: boolean;
}

/** With more failed files than this it is not the machine. */
const mostAlone = 5;

async function vitestReport(config: string, words: readonly string[]): Promise<Report> {
  const { files, hasErrors } = await vitestFiles(config, words);
  const results = hasErrors ? files : await failedOnesAlone(config, files);
  const tally = results.map((file) => file.tally).reduce(add, { passed: 0, failed: 0, skipped: 0 });
  return { tally: files.length === 0 || hasErrors ? atLeastOneFailure(tally) : tally, output: "" };
}

/** The results, where few files failed those of another run of these: in CI, beside others, two tries may be too few. */
async function failedOnesAlone(config: string, files: readonly FileResult[]): Promise<readonly FileResult[]> {
  const failed = files.filter(({ isOk }) => !isOk);
  if (retries === 0 || failed.length === 0 || failed.length > mostAlone) return files;
  console.log(
    `\n== failed, and once more alone: ${failed.map(({ project, path }) => `${path} (${project})`).join(", ")}`,
  );
  const again = await vitestFiles(
    config,
    failed.map(({ path }) => path),
    { project: failed.map(({ project }) => project), maxWorkers: 1, maxConcurrency: 2 },
  );
  if (again.hasErrors) return files;
  return files.map((file) => {
    const isSame = ({ project, path }: FileResult): boolean => project === file.project && path === file.path;
    return file.isOk ? file : (again.files.find(isSame) ?? file);
  });
}

async function vitestFiles(
  config: string,
  words: readonly string[],
  options: TestUserConfig = {},
): Promise<{ readonly files: readonly FileResult[]; readonly hasErrors: boolean }> {
  // Loaded late, because it decides about colours as soon as it is loaded.
  const { startVitest } = await import("vitest/node");
  const vitest = await startVitest("test", [...words], { config, watch: false, ...options });
  const files = vitest.state.getTestModules().map((module) => ({
    project: module.project.name,
    path: module.moduleId,
    tally: countModule(module),
    isOk: module.ok(),
  }));
  const hasErrors = vitest.state.getUnhandledErrors().length > 0;
  await vitest.close();
  return { files, hasErrors };
}

function countModule(module: TestModule): Tally {
  // A file registers its tests for all suites, and each project runs some of them.
  const asked = [...module.children.allTests()].filter((test) => !("isUnasked" in test.meta()));
  const states = asked.map((test) => test.result().state);
  const count = (state: (typeof states)[number]): number => states.filter((one) => one === state).length;
  // A test that is still pending never began: its hooks or its file failed.
  const tally = { passed: count("passed"), failed: count("failed") + count("pending"), skipped: count("skipped") };
  return module.ok() ? tally : atLeastOneFailure(tally);
}

/** Runs the same unit and component tests under Bun, whose runner replaces imports of vitest by its own. */
export async function runBunTests(words: readonly string[], temporary: string): Promise<Report> {
  const { exitCode, stderr, all } = await execa(
    resolve("node_modules/.bin/bun"),
    [
      "test",
      "--isolate",
      "--timeout=180000",
      // It prints the failure of a first try, too.
      `--retry=${retries}`,
      "--only-failures",
      "--path-ignore-patterns={e2e,bench}/**",
      ...words,
    ],
    { env: { TMPDIR: temporary }, stdin: "ignore", all: true, reject: false },
  );
  const count = (kind: string): number => Number(new RegExp(`^ *(\\d+) ${kind}$`, "m").exec(stderr)?.[1] ?? 0);
  const tally = { passed: count("pass"), failed: count("fail"), skipped: count("skip") + count("todo") };
  return { tally: exitCode === 0 ? tally : atLeastOneFailure(tally), output: all };
}
