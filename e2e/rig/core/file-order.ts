import { basename, dirname, join } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, the longest first. They wait for containers, browsers, emulated machines and package
 * managers more than they compute, so that others run beside them.
 */
const long: readonly string[] = [
  "web/page.test.ts",
  "packages/debian.test.ts",
  "release/machines.test.ts",
  "security/fuzz.test.ts",
  "logging/svlogd-crash.test.ts",
  "packages/npm.test.ts",
  "container/podman.test.ts",
  "install/hosts.test.ts",
  "container/image-services.test.ts",
  "supervision/renewal.test.ts",
  "faults/many.test.ts",
  "supervision/readiness.test.ts",
  "faults/svlogd-disk.test.ts",
  "container/my-init.test.ts",
  "import/systemd-itself.test.ts",
  "container/memory.test.ts",
  "import/supervisord.test.ts",
];

/** How much of a run has begun when the last of the long files begins. */
const share = 0.7;

/**
 * Runs the files of a project in the order of their size, as vitest does on a machine that has not seen them, and the long
 * ones between them: they begin one after the other, so that the processor has always something to do, and in time, so that
 * none runs alone at the end.
 */
export class LongOnesSpread extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- this is no array
    const sorted = await super.sort(files);
    const projects = Map.groupBy(sorted, ({ project }) => project);
    return [...projects.values()].flatMap((group) => spread(group, ({ moduleId }) => nameOf(moduleId)));
  }
}

/** Puts the long ones at equal distances into the first part of the others. */
function spread<File>(files: readonly File[], name: (file: File) => string): File[] {
  const rank = (file: File): number => long.indexOf(name(file));
  const ofLong = files.filter((file) => rank(file) >= 0).toSorted((one, other) => rank(one) - rank(other));
  const others = files.filter((file) => rank(file) < 0);
  const distance = Math.floor((others.length * share) / Math.max(1, ofLong.length));
  const first = ofLong.flatMap((file, at) => [file, ...others.slice(at * distance, (at + 1) * distance)]);
  return [...first, ...others.slice(ofLong.length * distance)];
}

function nameOf(path: string): string {
  return join(basename(dirname(path)), basename(path));
}
