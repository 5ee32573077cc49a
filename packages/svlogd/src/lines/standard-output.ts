import { closeSync, constants, openSync, writeSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";

import { defaultConfig } from "../core/config.ts";
import { mostWaiting, type Log } from "../directory/log-directory.ts";
import { createOutlet, lossText } from "../directory/outlet.ts";
import type { LogPorts } from "../directory/succession.ts";
import { createChannel } from "./channel.ts";
import type { LineReceiver } from "./splitter.ts";

/** Where the name `-` leads: lines go to standard output, and there are no settings, files or rotation. */
export function createStandardOutput(ports: Pick<LogPorts, "settings" | "say" | "onDrained">): Log {
  const { settings, say, onDrained } = ports;
  let fd: number | null = null;
  const outlet = createOutlet<never>({ say: say.pausing, onDone: onDrained });
  outlet.leadTo({
    put: (parcel) => {
      const { bytes, at, to } = parcel;
      parcel.at += attempt("write to standard output", () => writeSync(fd ?? 1, bytes, at, to - at));
      return [];
    },
    perform: () => [],
  });
  const channel: LineReceiver = createChannel(settings, defaultConfig, {
    log: outlet.write,
    stderr: () => {},
    udp: () => {},
    lastLine: () => {},
  });
  return {
    ...channel,
    open: () => {
      fd ??= openOwn();
      return true;
    },
    rotate: () => {},
    endBatch: () => {},
    backlog: outlet.backlog,
    isFull: () => outlet.backlog() > mostWaiting,
    close: async (isUrgent) => {
      await outlet.drained(isUrgent);
      const loss = outlet.settle();
      if (loss !== null) say.warning(lossText(loss));
      if (fd !== null && fd !== 1) closeSync(fd);
      fd = null;
    },
  };
}

/**
 * Opens standard output anew, so that it can be non-blocking for us alone: a reader that does not read must not stop
 * us. A socket cannot be opened; then the descriptor that we were given has to do.
 */
function openOwn(): number {
  const { O_APPEND, O_NONBLOCK, O_WRONLY } = constants;
  try {
    return openSync("/proc/self/fd/1", O_WRONLY | O_APPEND | O_NONBLOCK);
  } catch {
    return 1;
  }
}
