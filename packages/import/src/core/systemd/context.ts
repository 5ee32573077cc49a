import type { UnitName } from "./specifiers.ts";

/** What the keys of a unit are translated in. */
export interface Unit {
  readonly name: UnitName;
  readonly file: string;
  readonly type: string;
  /** `Restart=`. */
  readonly restart: string;
  /** Units that are imported as well, by their names. */
  readonly others: ReadonlySet<string>;
  /** Files of variables that could be read, by path. */
  readonly variables: ReadonlyMap<string, string>;
}
