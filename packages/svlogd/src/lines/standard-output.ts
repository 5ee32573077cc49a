import { closeSync, constants, openSync, writeSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";

import { createChannel } from "./channel.ts";
import { defaultConfig } from "../core/config.ts";
import type { Log, LoggerPorts } from "../directory/log-directory.ts";
import { createOutlet } from "../directory/outlet.ts";
import type { LineReceiver } from "./splitter.ts";

/** Where the name `-` leads: lines go to standard output, and there are no settings, files or rotation. */
export function createStandardOutput({
  settings,
  say,
  onDrained,
}: Pick<LoggerPorts, "settings" | "say" | "onDrained">): Log {
  let fd: number | null = null;
  let isDrained: (() => void) | null = null;
  const outlet = createOutlet(
    (parcel) => {
      parcel.at += attempt("write to standard output", () =>
        writeSync(fd ?? 1, parcel.bytes, parcel.at, parcel.to - parcel.at),
      );
    },
    {
      say: say.pausing,
      onDone: () => {
        isDrained?.();
        onDrained();
      },
    },
  );
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
    close: async (isUrgent) => {
      isDrained?.();
      if (!isUrgent && outlet.isPausing()) {
        await new Promise<void>((resolve) => {
          isDrained = resolve;
        });
      }
      const loss = outlet.settle();
      if (loss !== null) say.warning(`${loss.error.message}, ${loss.bytes} bytes lost`);
      if (fd !== null && fd !== 1) closeSync(fd);
      fd = null;
    },
  };
}

/**
 * Standard output, opened anew so that it can be non-blocking for us alone: a reader that does not
 * read must not stop us. A socket cannot be opened; then the one that we were given has to do.
 */
function openOwn(): number {
  const { O_APPEND, O_NONBLOCK, O_WRONLY } = constants;
  try {
    return openSync("/proc/self/fd/1", O_WRONLY | O_APPEND | O_NONBLOCK);
  } catch {
    return 1;
  }
}
