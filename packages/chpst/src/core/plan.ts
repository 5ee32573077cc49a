import type { ByteText } from "@upkeep/linux/core/byte-text";

import type { WantedLimit } from "./limits.ts";

/** A user as it was typed: `user`, `user:group:group` or `:uid:gid:gid`. An account is a name, whatever is in it. */
export interface WantedUser {
  readonly kind: "user:group" | "account";
  readonly text: ByteText;
}

/** What a command line asks for. */
export interface Plan {
  readonly wantsSession: boolean;
  readonly environmentDirectory: {
    readonly path: ByteText;
    /** What to do about a directory in it. */
    readonly onDirectory: "skip" | "warn" | "fail";
  } | null;
  readonly root: ByteText | null;
  readonly directory: ByteText | null;
  /** Added to the nice level. */
  readonly nice: number;
  /** The user whose ids go into UID and GID. */
  readonly shownUser: WantedUser | null;
  readonly user: WantedUser | null;
  readonly lock: { readonly path: ByteText; readonly waits: boolean } | null;
  /** Descriptors to close. */
  readonly closed: readonly (0 | 1 | 2)[];
  readonly limits: readonly WantedLimit[];
  /** Runs in a PID namespace of its own: the same command line without that option. */
  readonly namespaced: readonly ByteText[] | null;
  /** Searched for in PATH. */
  readonly program: ByteText;
  readonly argv: readonly ByteText[];
  /** A failure of the lock or the program ends with 0, without a message. */
  readonly isSilent: boolean;
}

/** A plan that changes nothing. */
export const emptyPlan: Omit<Plan, "program" | "argv"> = {
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
  namespaced: null,
  isSilent: false,
};

/** A wrong command line, with the lines to print. */
export interface Misuse {
  readonly complaint: ByteText;
}

/** What a command line leads to that is no plan. `help` and `version` are to be printed. */
export type Stop = Misuse | "help" | "version";

export type Reading = { readonly plan: Plan } | { readonly stop: Stop };
