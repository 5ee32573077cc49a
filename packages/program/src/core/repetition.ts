/** In ms: timeout(1) signals its child and then the child's group, npm repeats a Ctrl-C, and a busy machine delays either. */
const repetition = 500;

/** Whether a signal at `at` only repeats the request made at `before`, in ms: people who insist take longer. */
export function isRepetition(before: number, at: number): boolean {
  return at - before < repetition;
}
