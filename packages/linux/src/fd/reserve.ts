import { closeSync, openSync } from "node:fs";

/** A descriptor that is held back for work that must not fail for want of one. */
export interface Reserve {
  /** Gives the descriptor free while `act` works. It must be done with its own when it returns. */
  use<Result>(act: () => Result): Result;
}

export function holdReserve(): Reserve {
  let spare = tryOpen();
  return {
    use: (act) => {
      if (spare !== null) closeSync(spare);
      try {
        return act();
      } finally {
        spare = tryOpen();
      }
    },
  };
}

function tryOpen(): number | null {
  try {
    return openSync("/dev/null", "r");
  } catch {
    return null;
  }
}
