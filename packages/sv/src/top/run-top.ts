import type { Listed } from "@upkeep/client/service/scan-directory";
import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { FatalError } from "@upkeep/program/process/run-program";

/** What `sv top` shows. */
export interface TopRequest {
  /** Which services these are, in words. */
  readonly title: string;
  /** Lists them. Throws SystemError when it cannot. */
  find(): readonly Listed[];
}

/** Terminals that cannot place a cursor. */
const withoutCursor: ReadonlySet<string> = new Set(["", "dumb", "unknown"]);

/**
 * `sv top`: services on a terminal, as they change, with keys to control them. Throws {@link FatalError} where there is no
 * terminal, and SystemError where the services cannot be listed.
 */
export async function runTop({ title, find }: TopRequest): Promise<number> {
  const terminal = process.env["TERM"] ?? "";
  if (!isTerminal(0) || !isTerminal(1)) throw new FatalError("top needs a terminal; see sv list --wide", null);
  if (withoutCursor.has(terminal))
    throw new FatalError(
      `top needs a terminal with a cursor, TERM is ${terminal || "empty"}; see sv list --watch`,
      null,
    );
  find();
  // React and Ink are loaded for nothing else. These variables would have them talk to a debugger, and write for the blind.
  delete process.env["DEV"];
  delete process.env["INK_SCREEN_READER"];
  const { showTop } = await import("./show-top.ts");
  return await showTop(title, find, { isColoured: hasColours(terminal), isAscii: isAscii(terminal) });
}

function hasColours(terminal: string): boolean {
  return (process.env["NO_COLOR"] ?? "") === "" && !/^vt\d|-m(ono)?$/.test(terminal);
}

/** Without a locale, as in most containers, the terminal most likely reads UTF-8; one that is named for ASCII does not. */
function isAscii(terminal: string): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = [LC_ALL, LC_CTYPE, LANG].find((one) => (one ?? "") !== "");
  return /^vt\d/.test(terminal) || (locale !== undefined && !/utf-?8/i.test(locale) && !/^(C|POSIX)$/.test(locale));
}
