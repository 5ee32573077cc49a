import type { Invocation } from "@upkeep/program/command-line/invocation";
import { parseOptions } from "@upkeep/program/command-line/options";
import { UsageError, usageText } from "@upkeep/program/core/usage";

/** What the command line asks for. */
export interface Options {
  readonly path: string;
  /** The descriptor that gets a line feed when the socket is there; null: none. */
  readonly notificationFd: number | null;
  /** Messages that there is no room for are lost at once. */
  readonly isLossy: boolean;
}

const help = `usage: devlog [-L] [-d fd] [socket]

Makes the socket, /dev/log if none is given, reads what programs send to
syslog, and writes each message as a line to standard output.`;

/** What each option is for, as `--help` tells it. */
export const descriptions = {
  L: "lose messages rather than wait for the reader of the output",
  d: "write a line feed to this descriptor once the socket is there",
} as const;

/** Parses the command line. Throws UsageError and Answer. */
export function readOptions(invocation: Invocation): Options {
  const usage = usageText(invocation.calledAs, "[-L] [-d fd] [socket]");
  const parsed = parseOptions(invocation, {
    usage,
    help,
    manual: "devlog(8)",
    options: {
      L: { type: "boolean", describe: descriptions.L },
      d: { type: "string", argument: "fd", describe: descriptions.d },
    },
  });
  const [path = "/dev/log", ...others] = parsed.operands;
  const fd = parsed.options["d"];
  const isFd = typeof fd === "string" && /^\d{1,5}$/.test(fd);
  if (others.length > 0 || (fd !== undefined && !isFd)) throw new UsageError(usage);
  return { path, notificationFd: isFd ? Number(fd) : null, isLossy: parsed.options["L"] === true };
}
