import { harmless } from "@upkeep/program/core/one-line";
import type { RenewedProgram } from "@upkeep/supervise/core/renewal-record";

/** The lines of `sv renew` on what came of it, and how many programs have not been renewed. */
export function describeRenewal(programs: readonly RenewedProgram[]): {
  readonly lines: readonly string[];
  readonly failures: number;
} {
  const failed = programs.filter(({ problem }) => problem !== null);
  const done = programs.filter(({ problem }) => problem === null);
  const isAlone = ({ program }: RenewedProgram): boolean => !program.startsWith("runsv ");
  const many = Object.values(
    Object.groupBy(
      done.filter((one) => !isAlone(one)),
      versions,
    ),
  );
  const lines = [
    ...done.filter(isAlone).map((one) => `ok: renewed: ${one.program}: (pid ${one.pid}) ${versions(one)}`),
    ...many.flatMap((alike = []) =>
      alike.slice(0, 1).map((one) => `ok: renewed: ${alike.length} runsv: ${versions(one)}`),
    ),
    ...failed.map(({ program, pid, problem }) => `fail: ${program}: (pid ${pid}) not renewed: ${problem}`),
  ];
  return { lines: lines.map(harmless), failures: failed.length };
}

function versions({ before, version }: RenewedProgram): string {
  return before === version ? `version ${version}, as before` : `version ${version}, before ${before}`;
}
