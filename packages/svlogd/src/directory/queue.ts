/** Bytes on their way: from `at` up to `to` they have still to be written. */
export interface Parcel {
  bytes: Buffer;
  at: number;
  to: number;
}

/** What an outlet has to do, in its order: bytes to write, and steps. */
export interface Queue<Step> {
  first(): Parcel | { readonly step: Step } | undefined;
  /** Puts steps in the place of the first item. */
  replaceFirst(steps: readonly Step[]): void;
  /** Puts steps before everything else. */
  precede(steps: readonly Step[]): void;
  /** Puts steps in the place of those that come before any bytes. */
  replaceSteps(steps: readonly Step[]): void;
  follow(steps: readonly Step[]): void;
  /** Adds a parcel; its bytes are still the caller's. */
  push(parcel: Parcel): void;
  /** Takes back the parcel that was pushed last. */
  pop(): void;
  /** Adds a copy of the bytes. */
  keep(bytes: Buffer, from: number, to: number): void;
  /** How many bytes wait. */
  size(): number;
  clear(): void;
}

/** Pieces that wait are put together to at least this many bytes. */
const parcelSize = 64 * 1024;

export function createQueue<Step>(): Queue<Step> {
  const items: (Parcel | { readonly step: Step })[] = [];
  const asItems = (steps: readonly Step[]): { readonly step: Step }[] => steps.map((step) => ({ step }));
  return {
    first: () => items[0],
    replaceFirst: (steps) => void items.splice(0, 1, ...asItems(steps)),
    precede: (steps) => {
      if (steps.length > 0) items.unshift(...asItems(steps));
    },
    replaceSteps: (steps) => {
      const parcel = items.findIndex((item) => "at" in item);
      items.splice(0, parcel === -1 ? items.length : parcel, ...asItems(steps));
    },
    follow: (steps) => void items.push(...asItems(steps)),
    push: (parcel) => void items.push(parcel),
    pop: () => void items.pop(),
    keep: (bytes, from, to) => {
      const last = items.at(-1);
      if (last !== undefined && "at" in last && last.bytes.length - last.to >= to - from) {
        last.to += bytes.copy(last.bytes, last.to, from, to);
        return;
      }
      const copy = Buffer.allocUnsafeSlow(Math.max(to - from, parcelSize));
      items.push({ bytes: copy, at: 0, to: bytes.copy(copy, 0, from, to) });
    },
    size: () => items.reduce((sum, item) => sum + ("at" in item ? item.to - item.at : 0), 0),
    clear: () => {
      items.length = 0;
    },
  };
}
