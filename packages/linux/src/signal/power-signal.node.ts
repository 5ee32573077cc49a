/**
 * Calls back for each SIGPWR, by which a UPS daemon or a container's manager asks process 1 to power off.
 *
 * @returns whether it can be received.
 */
export function onPowerSignal(callback: () => void): boolean {
  process.on("SIGPWR", callback);
  return true;
}
