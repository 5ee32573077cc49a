import type { ByteText } from "@upkeep/linux/core/byte-text";

/** The resources of setrlimit(2) that can be limited, by their numbers, in the order in which they are. */
export const resources = {
  data: 2,
  stack: 3,
  memlock: 8,
  as: 9,
  nofile: 7,
  nproc: 6,
  fsize: 1,
  core: 4,
  rss: 5,
  cpu: 0,
} as const;

export type Resource = keyof typeof resources;

/** A soft limit to be set; `hard` stands for as much as the hard one allows. */
export interface LimitWish {
  readonly resource: Resource;
  readonly value: bigint | "hard";
}

/** What chpst -m and softlimit -m limit. */
const memory: readonly Resource[] = ["data", "stack", "memlock", "as"];

/** The letters of chpst. */
export const chpstLimits: Readonly<Record<string, readonly Resource[]>> = {
  m: memory,
  d: ["data"],
  o: ["nofile"],
  p: ["nproc"],
  f: ["fsize"],
  c: ["core"],
  r: ["rss"],
  t: ["cpu"],
};

/** The letters of softlimit. */
export const softlimitLimits: Readonly<Record<string, readonly Resource[]>> = {
  a: ["as"],
  c: ["core"],
  d: ["data"],
  f: ["fsize"],
  l: ["memlock"],
  m: memory,
  o: ["nofile"],
  p: ["nproc"],
  r: ["rss"],
  s: ["stack"],
  t: ["cpu"],
};

/** What a letter with this value asks for. */
export function wishesFor(
  letters: Readonly<Record<string, readonly Resource[]>>,
  letter: string,
  value: LimitWish["value"],
): readonly LimitWish[] {
  return (letters[letter] ?? []).map((resource) => ({ resource, value }));
}

/** Sorts the wishes as they are to be carried out; of several for one resource the last one counts. */
export function inOrder(wishes: readonly LimitWish[]): readonly LimitWish[] {
  return (Object.keys(resources) as Resource[]).flatMap((resource) => {
    const last = wishes.findLast((wish) => wish.resource === resource);
    return last === undefined ? [] : [last];
  });
}

/** The soft limit that comes of a wish: never above the hard one. */
export function softLimit(value: LimitWish["value"], hard: bigint): bigint {
  return value === "hard" || value > hard ? hard : value;
}

/** Reads a number that is nothing but digits; none at all are 0. Null for anything else. */
export function readNumber(text: ByteText): bigint | null {
  return /^\d*$/.test(text) ? BigInt(text) : null;
}
