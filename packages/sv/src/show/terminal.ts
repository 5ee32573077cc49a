import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { columnsOf } from "@upkeep/linux/fd/terminal-size";

/** What standard output can show. */
export interface Screen {
  readonly isTerminal: boolean;
  /** How wide a line may be. */
  readonly columns: number;
  readonly isColoured: boolean;
}

/** What it can show now. Colours are for terminals, and not for whoever has set NO_COLOR. */
export function screenNow(): Screen {
  if (!isTerminal(1)) return { isTerminal: false, columns: Infinity, isColoured: false };
  return { isTerminal: true, columns: columnsOf(1), isColoured: (process.env["NO_COLOR"] ?? "") === "" };
}
