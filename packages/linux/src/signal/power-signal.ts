export { onPowerSignal } from "#power-signal";
