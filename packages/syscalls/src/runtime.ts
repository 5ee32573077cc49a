export { quietRuntime } from "#runtime";
