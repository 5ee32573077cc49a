import type { ShownProcess } from "@upkeep/client/core/picture";

/** A process with what stands before it in a tree: lines that lead to its parent. */
export interface TreeRow {
  readonly process: ShownProcess;
  readonly branch: string;
}

/** Processes as a tree, a line each. One whose parent is not among them is a root. */
export function treeOf(processes: readonly ShownProcess[]): readonly TreeRow[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const isRoot = ({ pid, parent }: ShownProcess): boolean => !pids.has(parent) || parent === pid;
  const children = Map.groupBy(
    processes.filter((one) => !isRoot(one)),
    ({ parent }) => parent,
  );
  const seen = new Set<number>();
  const rows: TreeRow[] = [];
  const add = (process: ShownProcess, before: string, own: string, below: string): void => {
    if (seen.has(process.pid)) return;
    seen.add(process.pid);
    rows.push({ process, branch: before + own });
    const offspring = children.get(process.pid) ?? [];
    for (const [index, child] of offspring.entries()) {
      const isLast = index === offspring.length - 1;
      add(child, before + below, isLast ? "└ " : "├ ", isLast ? "  " : "│ ");
    }
  };
  for (const root of processes.filter(isRoot)) add(root, "", "", "");
  // Pids are used again while they are listed, so there may be a circle.
  for (const rest of processes) add(rest, "", "", "");
  return rows;
}
