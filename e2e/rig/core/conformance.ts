import { test } from "vitest";
import { lacking } from "./lacking.ts";
import { type Suite, allSuites, isSelected } from "./suites.ts";
import { type TestRig, newRig } from "./test-rig.ts";

/** What a test of a checklist line tells the summary. */
export interface ConformanceFacts {
  readonly id: string;
  readonly suite: string;
  readonly ours: boolean;
  /** Why ours differs from the reference; undefined if it does not. */
  readonly because?: string;
}

declare module "vitest" {
  interface TaskMeta {
    conformance?: ConformanceFacts;
    /** Why the test was skipped. */
    skipReason?: string;
    /** It is of a suite that this run does not test. */
    isUnasked?: true;
  }
}

export type RigTest = (rig: TestRig) => Promise<void>;

interface Limits {
  /** Default: all. */
  readonly suites?: readonly Suite[];
  /** What the test cannot do without: {@link needs}. A reason skips it. */
  readonly needs?: string | undefined;
}

/** A line to which ours conforms. */
export type SameBehaviour = Limits & { readonly test: RigTest };

/** A line that ours breaks on purpose: both behaviours are pinned. */
export type Deviation = Limits & {
  readonly stock: RigTest;
  readonly ours: RigTest;
  /** What ours does, as a sentence like the title. */
  readonly instead: string;
  /** The decision and its reason. */
  readonly because: string;
};

/**
 * Registers one line of the checklist: a concurrent test per suite, named `RUNSV-01 [stock] TITLE`.
 *
 * The summary of a run counts the lines by suite and lists the deviations: see conformance-reporter.ts. A line may be
 * registered in several parts; it is passed when all of them are.
 */
export function line(id: string, title: string, what: SameBehaviour | Deviation): void {
  for (const suite of what.suites ?? allSuites) {
    const facts: ConformanceFacts = { id, suite: suite.name, ours: suite.ours };
    if ("test" in what) {
      register(`${id} [${suite.name}] ${title}`, suite, what, what.test, facts);
    } else if (suite.ours) {
      const { because } = what;
      register(`${id} [${suite.name}] ${what.instead}`, suite, what, what.ours, { ...facts, because });
    } else {
      register(`${id} [${suite.name}] ${title}`, suite, what, what.stock, facts);
    }
  }
}

/** Registers a concurrent test per suite that belongs to no line of the checklist. */
export function rigTest(
  title: string,
  suites: readonly Suite[],
  run: RigTest,
  limits: Pick<Limits, "needs"> = {},
): void {
  for (const suite of suites) register(`[${suite.name}] ${title}`, suite, limits, run);
}

function register(title: string, suite: Suite, limits: Limits, run: RigTest, conformance?: ConformanceFacts): void {
  const isAsked = isSelected(suite);
  const skipReason = suite.available ? (limits.needs ?? lacking(suite, title)) : suite.reason;
  // A test of a suite that is not selected is registered all the same: a file without any test is an error.
  const meta = {
    ...(conformance !== undefined && isAsked ? { conformance } : {}),
    ...(skipReason !== undefined && isAsked ? { skipReason } : {}),
    ...(isAsked ? {} : { isUnasked: true as const }),
  };
  test(title, { meta, skip: !isAsked || skipReason !== undefined, concurrent: true }, async () => {
    await using rig = await newRig(suite);
    try {
      await run(rig);
    } catch (error) {
      if (error instanceof Error) error.message += `\n${rig.describe()}`;
      throw error;
    }
  });
}
