/**
 * Signals that come within that time, in ms, are one request: timeout(1) signals its child and then the child's group,
 * npm repeats a Ctrl-C, and on a busy machine there may be some time between the two. Who asks once more takes longer.
 */
export const oneRequest = 500;
