import type { Snapshot } from "./json.ts";

/** What makes a process part of a service. */
export interface Kin {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** All processes at one moment, found by who they belong to. */
export interface ProcessTable<P extends Kin> {
  /**
   * The process of a service, what has come of it, and what else is in its session or process group; a parent before its
   * children.
   */
  membersOf(snapshot: Snapshot): readonly P[];
}

export function tableOf<P extends Kin>(all: readonly P[]): ProcessTable<P> {
  const byPid = new Map(all.map((one) => [one.pid, one]));
  const children = Map.groupBy(all, ({ parent }) => parent);
  const sessions = Map.groupBy(all, ({ session }) => session);
  const groups = Map.groupBy(all, ({ group }) => group);
  return {
    membersOf: ({ state }) => {
      if (!("record" in state) || state.record.pid === 0) return [];
      const { pid } = state.record;
      const found = new Set<P>();
      const add = (one: P): void => {
        if (found.has(one)) return;
        found.add(one);
        for (const child of children.get(one.pid) ?? []) add(child);
      };
      const own = byPid.get(pid);
      if (own !== undefined) add(own);
      const session = own?.session === pid ? (sessions.get(pid) ?? []) : [];
      const group = state.details.processGroup === null ? [] : (groups.get(state.details.processGroup) ?? []);
      for (const one of [...session, ...group]) add(one);
      return [...found];
    },
  };
}
