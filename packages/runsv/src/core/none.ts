/** An empty list. Most slots have several of them all the time, and one process may have a thousand slots. */
export const none: readonly never[] = [];
