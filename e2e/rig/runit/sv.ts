import { mkdirSync, symlinkSync } from "node:fs";
import type { Result, StartOptions } from "../process/running-command.ts";
import { mixedSuite, ourSuites, stock, type Suite } from "../core/suites.ts";
import type { TestRig } from "../core/test-rig.ts";

/** Our sv with our runsv, and with stock runsv, which has no state.json. */
export const withStock: readonly Suite[] = [
  ...ourSuites,
  ...ourSuites
    .filter(() => stock.available)
    .map((suite) => mixedSuite(`sv of ${suite.name}, stock runsv`, stock, { sv: suite })),
];

/** What sv printed, with every number of seconds shown as `Ns`, and how long it took. */
export interface Answer extends Result {
  readonly millis: number;
}

/**
 * Runs sv with these words. It waits 60 s unless the words or the environment say otherwise: on a busy machine its own
 * 7 s may be too short.
 */
export async function sv(rig: TestRig, words: readonly string[], options: StartOptions = {}): Promise<Answer> {
  return await answerOf(rig, "sv", words, options);
}

/** Runs sv as an init script: by a link that is named after the service. */
export async function lsb(rig: TestRig, service: string, words: readonly string[]): Promise<Answer> {
  const link = rig.path("init.d", service);
  mkdirSync(rig.path("init.d"), { recursive: true });
  try {
    symlinkSync(rig.suite.command("sv"), link);
  } catch {
    // It is there from the call before.
  }
  return await answerOf(rig, link, words, {});
}

async function answerOf(
  rig: TestRig,
  command: string,
  words: readonly string[],
  options: StartOptions,
): Promise<Answer> {
  const begin = performance.now();
  const result = await rig.run(command, words, { ...options, env: { SVWAIT: "60", ...options.env } });
  return { ...result, stdout: timeless(result.stdout), millis: performance.now() - begin };
}

/** The text with every number of seconds shown as `Ns`. */
function timeless(text: string): string {
  return text.replaceAll(/ \d+s(?=[,;\n])/g, " Ns");
}

/** What to expect of a call that only prints to standard output, and ends with this code. */
export function answer(stdout: string, code = 0): Partial<Answer> {
  return { code, stdout, stderr: "" };
}
