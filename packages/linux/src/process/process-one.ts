import { libc } from "#libc";

import { errno } from "../core/errno.ts";
import { sendSignal } from "../signal/signal.ts";

/** A request to reboot(2). `ctrlAltDelete`: from now on those keys send INT to process 1 instead of rebooting at once. */
export type MachineCommand = "restart" | "powerOff" | "halt" | "ctrlAltDelete";

const commands: Readonly<Record<MachineCommand, number>> = {
  restart: 0x0123_4567,
  powerOff: 0x4321_fedc,
  // As the signed number that C takes.
  halt: 0xcdef_0123 - 2 ** 32,
  ctrlAltDelete: 0,
};

/**
 * Asks the kernel to restart, power off or halt (reboot(2)). Only process 1 makes the call.
 *
 * In a PID namespace the kernel ends the namespace instead. Its parent sees process 1 die of HUP (restart) or INT (the
 * others).
 *
 * @returns 0 after `ctrlAltDelete`; the other requests return only when they fail, with the errno. EPERM in any process
 * but process 1, and without CAP_SYS_BOOT.
 */
export function commandMachine(command: MachineCommand): number {
  if (libc.getpid() !== 1) return errno.EPERM;
  return libc.reboot(commands[command]) === -1 ? libc.errno() : 0;
}

/**
 * Sends a signal to every process but this one. Only process 1 makes the call.
 *
 * @returns 0 or the errno: ESRCH if there is no other process, EPERM in any process but process 1.
 */
export function signalAllOthers(signal: "SIGTERM" | "SIGCONT" | "SIGKILL"): number {
  return libc.getpid() === 1 ? sendSignal(-1, signal) : errno.EPERM;
}

/** Sends KILL to every process but this one, as {@link signalAllOthers} does. */
export function killAllOthers(): number {
  return signalAllOthers("SIGKILL");
}

/** Writes what the kernel still holds to the disks, and waits for that (sync(2)). */
export function syncDisks(): void {
  libc.sync();
}
