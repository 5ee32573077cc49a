import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { writeText } from "@upkeep/program/messages/output";

/** So many services take long enough to wait for. */
const many = 100;
/** Every so many services. */
const step = 20;

/** Shows on a terminal how many of `total` services have been written, in one line, which is empty in the end. */
export function showProgress(total: number): (count: number) => void {
  if (total < many || !isTerminal(2)) return () => {};
  return (count) => {
    if (count === total) writeText(2, "\r\u001b[K");
    else if (count % step === 0) writeText(2, `\rwriting services: ${count} of ${total}`);
  };
}
