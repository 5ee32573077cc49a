export { isCostly, onceReadable } from "#wake";
