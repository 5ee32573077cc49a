import { FatalError } from "@upkeep/program/process/run-program";
import { setGroup, setGroups, setUser } from "@upkeep/linux/users/identity";
import { findGroup, findUser } from "@upkeep/linux/users/user-database";

import type { Change } from "../core/environment.ts";
import type { WantedUser } from "../core/plan.ts";
import { readUserSpec } from "../core/user-spec.ts";
import { cStringOf } from "./c-text.ts";

/** A user and all groups; the first one is the primary group. */
export interface Ids {
  readonly uid: number;
  readonly gids: readonly number[];
}

/** Looks up who is meant. Throws {@link FatalError}, and SystemError when the database cannot be asked. */
export function resolveUser({ kind, text }: WantedUser): Ids {
  if (kind === "account") {
    const entry = findUser(cStringOf(text));
    if (entry === null) throw new FatalError(`unknown account: ${text}`, null);
    return { uid: entry.uid, gids: [entry.gid] };
  }
  const spec = readUserSpec(text);
  if (spec === null) throw new FatalError(`invalid uid/gids: ${text.slice(1)}`, null);
  if (spec.kind === "ids") return spec;
  const entry = findUser(cStringOf(spec.user));
  const groups = spec.groups.map((group) => findGroup(cStringOf(group)));
  const gids = groups.filter((gid) => gid !== null);
  if (entry === null || gids.length < groups.length) throw new FatalError(`unknown user/group: ${text}`, null);
  return { uid: entry.uid, gids: gids.length === 0 ? [entry.gid] : gids };
}

/** Becomes the user, with these groups and no others. Throws SystemError. */
export function becomeUser({ uid, gids }: Ids): void {
  setGroups(gids);
  setGroup(gids[0] ?? 0);
  setUser(uid);
}

/** The variables that tell a program the ids. */
export function idVariables({ uid, gids }: Ids): readonly Change[] {
  return [
    { name: "GID", value: String(gids[0] ?? 0) },
    { name: "UID", value: String(uid) },
  ];
}
