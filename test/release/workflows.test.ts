import { globSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, { readonly permissions: unknown; readonly steps: readonly Step[] }>>;
}

const workflows = globSync(".github/workflows/*.yml").toSorted();

function stepsOf(path: string): readonly Step[] {
  const { jobs } = parse(readFileSync(path, "utf8")) as Workflow;
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

test("workflows call the scripts of the repository, and nothing else", () => {
  const commands = Object.fromEntries(workflows.map((path) => [path, stepsOf(path).flatMap(({ run }) => run ?? [])]));
  expect(commands).toEqual({
    ".github/workflows/release.yml": ["npm run release -- --level 9"],
    ".github/workflows/test.yml": ['sudo env "PATH=$PATH" bash .ci/run'],
  });
});

test.each(workflows)("%s may read the repository only, and leaves no token behind", (path) => {
  const { permissions, jobs } = parse(readFileSync(path, "utf8")) as Workflow;
  expect(permissions).toEqual({});
  for (const job of Object.values(jobs)) expect(job.permissions).toEqual({ contents: "read" });
  const checkouts = stepsOf(path).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
  expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual([false]);
});

test.each(workflows)("%s pins each action by its commit, and says of which version that is", (path) => {
  const uses = [...readFileSync(path, "utf8").matchAll(/\buses: (.*)$/gm)].map(([, action]) => action);
  expect(uses.length).toBeGreaterThan(0);
  for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});
