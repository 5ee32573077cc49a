import type { ByteText } from "@upkeep/linux/core/byte-text";

/** The user and groups that `-u` and `-U` name. */
export type UserSpec =
  | { readonly kind: "names"; readonly user: ByteText; readonly groups: readonly ByteText[] }
  | { readonly kind: "ids"; readonly uid: number; readonly gids: readonly number[] };

/** The id that means none, (uid_t) -1. There are no higher ones. */
const noId = 0xffff_ffff;

/**
 * Reads `user`, `user:group...` or `:uid:gid...`.
 *
 * @returns null if an id is none, or the group is missing.
 */
export function readUserSpec(text: ByteText): UserSpec | null {
  if (!text.startsWith(":")) {
    const [user = "", ...groups] = text.split(":");
    return { kind: "names", user, groups };
  }
  const [uid = null, ...gids] = text.slice(1).split(":").map(readId);
  if (uid === null || gids.length === 0) return null;
  const known = gids.filter((gid) => gid !== null);
  return known.length === gids.length ? { kind: "ids", uid, gids: known } : null;
}

/** Null also for an empty text, which runit takes for 0, root. */
function readId(text: ByteText): number | null {
  const id = /^\d+$/.test(text) ? Number(text) : noId;
  return id < noId ? id : null;
}
