/** What the sender needs to get lines to the reader. */
export interface SenderPorts {
  /** Writes what there is room for. Returns how many bytes that were, -1 for no room. Throws when the reader has gone. */
  readonly write: (bytes: Uint8Array) => number;
  /** Runs an action so many ms later. */
  readonly later: (action: () => void, millis: number) => void;
}

/** Sends a line, which includes its newline. Where there is no room, a line that `mustArrive` waits, another is dropped. */
export type SendLine = (line: Uint8Array, mustArrive: boolean) => void;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly mustArrive: boolean;
}

/** Milliseconds until another try: the pause grows between these. */
const pause = { first: 25, last: 1000 };
/** Lines that wait at most. All of them ask for the same thing, so a reader that is so late needs no more of them. */
const most = 16;

/**
 * Makes a sender that never blocks and keeps the order: no line overtakes one that waits. A line that was written in part
 * is completed first; otherwise the next line would become a part of it.
 */
export function createEventSender({ write, later }: SenderPorts): SendLine {
  let waiting: readonly Waiting[] = [];
  let isTimed = false;
  let millis = pause.first;

  /** Writes the first line that waits, or as much of it as there is room for; false when there is no room. */
  const writeFirst = ({ bytes }: Waiting): boolean => {
    const count = write(bytes);
    if (count === -1) return false;
    const isWhole = count === bytes.length;
    waiting = isWhole ? waiting.slice(1) : [{ bytes: bytes.subarray(count), mustArrive: true }, ...waiting.slice(1)];
    millis = pause.first;
    return true;
  };

  const sendAll = (): void => {
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
      sendAll();
    }, millis);
    millis = Math.min(millis * 2, pause.last);
  };

  return (bytes, mustArrive) => {
    if (waiting.length < most) waiting = [...waiting, { bytes, mustArrive }];
    sendAll();
  };
}
