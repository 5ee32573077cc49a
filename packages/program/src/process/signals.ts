import type { SignalName } from "@upkeep/linux/core/signals";
import { sendSignal } from "@upkeep/linux/signal/signal";

/**
 * Ends this process by the signal's default action, so that whoever waits for it sees that signal.
 *
 * For signals that a runtime would take for itself, or that only mean something to us at times.
 */
export function dieOfSignal(signal: SignalName): void {
  process.removeAllListeners(signal);
  sendSignal(process.pid, signal);
}

/** Gives USR1 its default action back, which Node would start its debugger on. */
export function defaultUserSignal(): void {
  process.on("SIGUSR1", () => dieOfSignal("SIGUSR1"));
}
