export { digestOf } from "#digest";
