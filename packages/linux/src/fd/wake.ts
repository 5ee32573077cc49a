export { onceReadable } from "#wake";
