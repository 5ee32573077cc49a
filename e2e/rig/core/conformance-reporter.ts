import type { Reporter, TestCase, TestModule } from "vitest/node";
import type { ConformanceFacts } from "./conformance.ts";

type State = "passed" | "failed" | "skipped";

/**
 * Prints at the end of a run: how many lines of the checklist each suite passed, the deviations with their reasons, and
 * what was skipped and why. It counts what was run, one file or all.
 */
export class ConformanceReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const text = [...summary(tests), ...skips(tests)].join("\n");
    if (text !== "") console.log(`\n${text}\n`);
  }
}

function summary(tests: readonly TestCase[]): readonly string[] {
  const suites = new Map<string, Map<string, State>>();
  const deviations = new Set<string>();
  for (const test of tests) {
    const facts = test.meta().conformance;
    if (facts === undefined) continue;
    const lines = suites.get(facts.suite) ?? new Map<string, State>();
    suites.set(facts.suite, lines);
    lines.set(facts.id, worse(lines.get(facts.id), stateOf(test)));
    if (facts.because !== undefined) deviations.add(`${facts.id}: ${ours(test, facts)} (${facts.because})`);
  }
  if (suites.size === 0) return [];
  const counts = [...suites].map(([suite, lines]) => {
    const ids = (state: State): readonly string[] => [...lines].filter(([, one]) => one === state).map(([id]) => id);
    const failed = ids("failed").toSorted();
    const skipped = ids("skipped").length;
    return [
      `  ${suite.padEnd(12)} ${String(ids("passed").length).padStart(4)} of ${lines.size} lines passed`,
      failed.length === 0 ? "" : `, failed: ${failed.join(" ")}`,
      skipped === 0 ? "" : `, ${skipped} skipped`,
    ].join("");
  });
  const reasons = [...deviations].toSorted().map((text) => `  ${text}`);
  return ["Conformance", ...counts, ...(reasons.length === 0 ? [] : ["Deliberate deviations of ours", ...reasons])];
}

function skips(tests: readonly TestCase[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const test of tests) {
    const reason = test.meta().skipReason;
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts.size === 0 ? [] : ["Skipped", ...[...counts].map(([reason, count]) => `  ${count} tests: ${reason}`)];
}

function ours(test: TestCase, facts: ConformanceFacts): string {
  return test.name.replace(`${facts.id} [${facts.suite}] `, "");
}

function stateOf(test: TestCase): State {
  const { state } = test.result();
  return state === "passed" || state === "skipped" ? state : "failed";
}

/** A line in several parts counts as its worst part; a skipped part does not spoil a passed one. */
function worse(known: State | undefined, state: State): State {
  if (known === undefined || known === "skipped") return state;
  return state === "failed" ? "failed" : known;
}
