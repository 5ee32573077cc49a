import type { ByteText } from "@upkeep/linux/core/byte-text";

import type { LimitWish } from "./limits.ts";

/** Who is meant: `user`, `user:group:group`, `:uid:gid:gid`; an account is the name of a user, whatever is in it. */
export interface UserWish {
  readonly kind: "user:group" | "account";
  readonly text: ByteText;
}

/** What a command line asks for. */
export interface Plan {
  readonly wantsSession: boolean;
  readonly environmentDirectory: {
    readonly path: ByteText;
    /** What is done about directories in it. */
    readonly onDirectory: "skip" | "warn" | "fail";
  } | null;
  readonly root: ByteText | null;
  readonly directory: ByteText | null;
  /** What is added to the nice level. */
  readonly nice: number;
  /** Whose ids go into UID and GID. */
  readonly shownUser: UserWish | null;
  readonly user: UserWish | null;
  readonly lock: { readonly path: ByteText; readonly waits: boolean } | null;
  /** Descriptors to be closed. */
  readonly closed: readonly (0 | 1 | 2)[];
  readonly limits: readonly LimitWish[];
  /** What is looked for in PATH. */
  readonly program: ByteText;
  readonly argv: readonly ByteText[];
  /** Trouble with the lock or the program ends with 0, and nothing is said. */
  readonly isSilent: boolean;
}

/** Changes nothing. */
export const nothing: Omit<Plan, "program" | "argv"> = {
  wantsSession: false,
  environmentDirectory: null,
  root: null,
  directory: null,
  nice: 0,
  shownUser: null,
  user: null,
  lock: null,
  closed: [],
  limits: [],
  isSilent: false,
};

/** A command line that cannot be obeyed, with the lines to be shown. */
export interface Misuse {
  readonly complaint: ByteText;
}

/** What a command line asks for that is no plan; `help` and `version` are to be shown. */
export type Stop = Misuse | "help" | "version";

export type Reading = { readonly plan: Plan } | { readonly stop: Stop };
