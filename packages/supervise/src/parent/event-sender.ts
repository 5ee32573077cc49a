/** How lines get to whoever reads them. */
export interface EventWay {
  /** Takes what there is room for: returns how many bytes, -1 for none. Throws where nothing will ever be taken. */
  readonly write: (bytes: Uint8Array) => number;
  /** Does something so many ms later. */
  readonly later: (action: () => void, millis: number) => void;
}

/** Hands a line on, with its newline. One that `mustArrive` waits for room; another is dropped where there is none. */
export type SendLine = (line: Uint8Array, mustArrive: boolean) => void;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly mustArrive: boolean;
}

/** How soon, in ms, there is another try: growing between these. */
const pause = { first: 25, last: 1000 };
/** Lines that wait at most: who has not read as many that must arrive, and say the same, need not have more. */
const most = 16;

/**
 * Makes a sender that never blocks and keeps the order: nothing goes past a line that waits. One of which a part has
 * been taken is written to its end, as the next line would else be a part of it.
 */
export function createEventSender({ write, later }: EventWay): SendLine {
  let waiting: readonly Waiting[] = [];
  let isTimed = false;
  let millis = pause.first;

  /** Writes the first that waits, or as much of it as there is room for; false when there is none. */
  const writeFirst = ({ bytes }: Waiting): boolean => {
    const count = write(bytes);
    if (count === -1) return false;
    const isWhole = count === bytes.length;
    waiting = isWhole ? waiting.slice(1) : [{ bytes: bytes.subarray(count), mustArrive: true }, ...waiting.slice(1)];
    millis = pause.first;
    return true;
  };

  const go = (): void => {
    try {
      for (let first = waiting[0]; first !== undefined && writeFirst(first); first = waiting[0]);
    } catch {
      waiting = [];
    }
    waiting = waiting.filter(({ mustArrive }) => mustArrive);
    if (waiting.length === 0 || isTimed) return;
    isTimed = true;
    later(() => {
      isTimed = false;
      go();
    }, millis);
    millis = Math.min(millis * 2, pause.last);
  };

  return (bytes, mustArrive) => {
    if (waiting.length < most) waiting = [...waiting, { bytes, mustArrive }];
    go();
  };
}
