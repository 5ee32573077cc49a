export { readFifo } from "#fifo-reader";

/** Reads a FIFO as bytes arrive. */
export interface FifoReader {
  /** Stops reading and closes the descriptor. */
  close(): void;
}
