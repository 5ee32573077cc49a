import { resolve } from "node:path";

import { execa } from "execa";
import type { TestModule } from "vitest/node";

import { add, atLeastOneFailure, failure, success, type Tally } from "./tally.ts";

/** Runs a script of package.json as one check, and shows its output only if it fails. */
export async function runCheck(script: string): Promise<Tally> {
  const { failed, all } = await execa("npm", ["run", "--silent", script], {
    stdin: "ignore",
    all: true,
    reject: false,
  });
  if (failed) console.log(all);
  return failed ? failure : success;
}

/** Runs the test files of a vitest configuration, or those whose path has one of `words` in it. */
export async function runVitest(config: string, words: readonly string[]): Promise<Tally> {
  // Loaded late, because it decides about colours as soon as it is loaded.
  const { startVitest } = await import("vitest/node");
  const vitest = await startVitest("test", [...words], { config, watch: false });
  const modules = vitest.state.getTestModules();
  const hasErrors = vitest.state.getUnhandledErrors().length > 0;
  await vitest.close();
  const tally = modules.map(countModule).reduce(add, { passed: 0, failed: 0, skipped: 0 });
  return modules.length === 0 || hasErrors ? atLeastOneFailure(tally) : tally;
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
export async function runBunTests(words: readonly string[]): Promise<Tally> {
  const { exitCode, stderr } = await execa(
    resolve("node_modules/.bin/bun"),
    ["test", "--isolate", "--timeout=60000", "--only-failures", "--path-ignore-patterns={e2e,bench}/**", ...words],
    { stdin: "ignore", stdout: "inherit", stderr: ["inherit", "pipe"], reject: false },
  );
  const count = (kind: string): number => Number(new RegExp(`^ *(\\d+) ${kind}$`, "m").exec(stderr)?.[1] ?? 0);
  const tally = { passed: count("pass"), failed: count("fail"), skipped: count("skip") + count("todo") };
  return exitCode === 0 ? tally : atLeastOneFailure(tally);
}
