import { readFifo, type FifoReader } from "@upkeep/linux/fd/fifo-reader";
import { SystemError } from "@upkeep/linux/core/errno";
import type { RenewalRecord } from "@upkeep/supervise/core/renewal-record";
import { NotAFifoError, openControlFifo } from "@upkeep/supervise/fifo/supervisor-end";
import { renewByte, scanControl, scanRenewal } from "@upkeep/supervise/renewal/files";
import { recordRenewal } from "@upkeep/supervise/renewal/record-file";

/** Where `sv` asks for a renewal, and finds what has come of it: files beside the record of the guard. */
export interface Door {
  /** Opens it in the directory of the guard, which is valid until {@link Door.close}. */
  open(directory: string): void;
  close(): void;
  /** Where it is; null while it is closed. */
  directory(): string | null;
  /** Leaves on record what came of a renewal. */
  record(outcome: Omit<RenewalRecord, "count">): void;
}

/** @param onAsked somebody asks for a renewal. */
export function createDoor(onAsked: () => void, warn: (message: string) => void): Door {
  let opened: { readonly directory: string; readonly reader: FifoReader } | null = null;
  const onError = (): void => close();
  const close = (): void => {
    opened?.reader.close();
    opened = null;
  };
  /** A scan directory without it is supervised as well. */
  const attempt = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof SystemError || error instanceof NotAFifoError)) throw error;
      warn(error.message);
    }
  };
  return {
    open: (directory) => {
      close();
      attempt(() => {
        const fd = openControlFifo(`${directory}/${scanControl}`, `.runsvdir/${scanControl}`);
        const onBytes = (bytes: Uint8Array): void => {
          if (bytes.includes(renewByte.charCodeAt(0))) onAsked();
        };
        opened = { directory, reader: readFifo(fd, { onBytes, onError }) };
      });
    },
    close,
    directory: () => opened?.directory ?? null,
    record: (outcome) => {
      const directory = opened?.directory ?? null;
      if (directory === null) return;
      attempt(() => recordRenewal(`${directory}/${scanRenewal}`, `.runsvdir/${scanRenewal}`, outcome));
    },
  };
}
