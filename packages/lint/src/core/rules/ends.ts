import { decodeHistory } from "@upkeep/supervise/core/history";

import type { Rule } from "../rule.ts";
import { type Command, commandsOf, isShell } from "../shell.ts";
import { fileOf } from "../snapshot.ts";

/** Seconds: `./finish` holds up the next start for as long as it works. */
const longSleep = 60;
/** Milliseconds between an end and what somebody did because of it. */
const soon = 5000;

/** What comes after the end of `./run`. */
export const endRules: readonly Rule[] = [
  {
    id: "finish-hangs",
    severity: "warning",
    find: (service) => {
      const text = fileOf(service, "finish")?.text ?? "";
      if (!isShell(text) || service.files.has("timeout-finish")) return [];
      return commandsOf(text)
        .filter((command) => neverEnds(command) || waitsFor(command, service.name))
        .slice(0, 1)
        .map(({ line, words }) => ({
          file: "finish",
          line,
          message: `${words.slice(0, 3).join(" ")}: the service is not started again before this ends`,
          mend: "leave it out, or set timeout-finish",
        }));
    },
  },
  {
    id: "down-left",
    severity: "warning",
    find: (service) => {
      const down = service.files.get("down");
      if (down === undefined) return [];
      const finish = fileOf(service, "finish")?.text ?? "";
      const [last] = decodeHistory(fileOf(service, "supervise/history.json")?.text ?? "");
      const since = last === undefined || last.code === 0 || last.at === null ? Number.NaN : Date.parse(last.at);
      const isMade =
        /(?:\btouch\s|>)\s*(?:\S*\/)?down\b/.test(finish) || (down.changed >= since && down.changed < since + soon);
      if (!isMade) return [];
      const message = "was left after failures, and keeps the service down after every boot";
      return [{ file: "down", line: null, message, mend: "remove it when the cause is mended, and use restart-limit" }];
    },
  },
];

function neverEnds({ words: [program = "", ...args] }: Command): boolean {
  if (program === "sleep") return args[0] === "infinity" || Number(args[0]) > longSleep;
  if (program === "tail") return args.some((one) => /^-[a-z]*[fF]/.test(one));
  return program === "cat" && args.length === 0;
}

/** A command that waits until this very service is down, or up again. */
function waitsFor({ words: [program = "", ...args] }: Command, name: string): boolean {
  const isWaiting = /^(?:start|stop|restart|shutdown|force-\w+|try-restart)$/.test(
    args.find((one) => !/^-|^\d+$/.test(one)) ?? "",
  );
  return (
    /(?:^|\/)sv$/.test(program) &&
    isWaiting &&
    args.some((one) => one === name || one === "." || one.endsWith(`/${name}`))
  );
}
