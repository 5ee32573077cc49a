import { globSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions: unknown;
  readonly uses?: string;
  readonly needs?: string;
  readonly container?: { readonly image: string };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on: object;
  readonly permissions: unknown;
  readonly concurrency?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = globSync(".github/workflows/*.yml").toSorted();

function stepsOf(path: string): readonly Step[] {
  const { jobs } = parse(readFileSync(path, "utf8")) as Workflow;
  return Object.values(jobs).flatMap(({ steps }) => steps ?? []);
}

test("workflows call the scripts of the repository, and nothing else", () => {
  const commands = Object.fromEntries(workflows.map((path) => [path, stepsOf(path).flatMap(({ run }) => run ?? [])]));
  expect(commands).toEqual({
    // At the level that everybody gets who makes a release to compare it.
    ".github/workflows/release.yml": ['npm run release -- --tag "$GITHUB_REF_NAME"'],
    ".github/workflows/test.yml": ["bash .ci/run"],
  });
});

test("what is released has passed the tests, on the Debian that they are for, and no commit of main is left out", () => {
  const [release, tests] = workflows.map((path) => parse(readFileSync(path, "utf8")) as Workflow);
  expect(release?.jobs["test"]?.uses).toBe("./.github/workflows/test.yml");
  expect(release?.jobs["release"]?.needs).toBe("test");
  expect(tests?.jobs["test"]?.container?.image).toMatch(
    /^docker\.io\/library\/node:20\.\d+\.\d+-bookworm(@sha256:.{64})?$/,
  );
  expect(tests?.on).toHaveProperty("workflow_call");
  expect(tests?.concurrency?.["cancel-in-progress"]).toBe("${{ github.event_name == 'pull_request' }}");
});

test.each(workflows)("%s may read the repository only, and leaves no token behind", (path) => {
  const { permissions, jobs } = parse(readFileSync(path, "utf8")) as Workflow;
  expect(permissions).toEqual({});
  for (const job of Object.values(jobs)) expect(job.permissions).toEqual({ contents: "read" });
  const checkouts = stepsOf(path).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
  expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual([false]);
});

test.each(workflows)("%s pins each action by its commit, and says of which version that is", (path) => {
  const all = readFileSync(path, "utf8").matchAll(/\buses: (.*)$/gm);
  // A workflow of the repository is of the same commit.
  const uses = [...all].flatMap(([, action = ""]) => (action.startsWith("./") ? [] : [action]));
  expect(uses.length).toBeGreaterThan(0);
  for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});
