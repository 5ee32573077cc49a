import type { SignalName } from "@upkeep/linux/core/signals";
import { sendSignal } from "@upkeep/linux/signal/signal";

/**
 * Ends this process by the default action of a signal, so that its parent sees that signal. For signals that a runtime
 * takes for itself, or that mean something to us only at times.
 */
export function dieOfSignal(signal: SignalName): void {
  process.removeAllListeners(signal);
  sendSignal(process.pid, signal);
}

/** Gives USR1 its default action back. Node starts its debugger on it. */
export function defaultUserSignal(): void {
  process.on("SIGUSR1", () => dieOfSignal("SIGUSR1"));
}
