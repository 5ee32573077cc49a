import type { ByteText } from "@upkeep/linux/core/byte-text";

/** The resources that can be limited, with their numbers for setrlimit(2), in the order in which they are limited. */
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

/** A soft limit to set. `hard`: the same as the hard one. */
export interface WantedLimit {
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

/** The limits that an option sets. */
export function limitsFor(
  letters: Readonly<Record<string, readonly Resource[]>>,
  letter: string,
  value: WantedLimit["value"],
): readonly WantedLimit[] {
  return (letters[letter] ?? []).map((resource) => ({ resource, value }));
}

/** Sorts limits into the order in which they are set. Of several for one resource the last one counts. */
export function inOrder(limits: readonly WantedLimit[]): readonly WantedLimit[] {
  return (Object.keys(resources) as Resource[]).flatMap((resource) => {
    const last = limits.findLast((limit) => limit.resource === resource);
    return last === undefined ? [] : [last];
  });
}

/** The soft limit that can be set: never above the hard one. */
export function softLimit(value: WantedLimit["value"], hard: bigint): bigint {
  return value === "hard" || value > hard ? hard : value;
}

/** Reads a number of digits only, where no digits are 0. Null for anything else. */
export function readNumber(text: ByteText): bigint | null {
  return /^\d*$/.test(text) ? BigInt(text) : null;
}
