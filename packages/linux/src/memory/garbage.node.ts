/** Does nothing: the runtime collects garbage in the first quiet seconds, see runtime.node.ts. */
export function collectGarbage(): void {}
