export { collectGarbage } from "#garbage";
