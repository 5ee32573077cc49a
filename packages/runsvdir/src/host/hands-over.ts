/** An engine must not go on: its service needs a runsv of its own from now on. */
export class HandsOver extends Error {
  override readonly name = "HandsOver";
}
