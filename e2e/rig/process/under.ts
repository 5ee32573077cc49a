import { getPriority } from "node:os";
import { getuid } from "node:process";

/** Prefix of words that makes a command inherit this umask: see `StartOptions.under`. */
export function umask(mask: string): readonly string[] {
  return ["sh", "-c", `umask ${mask}; exec "$@"`, "sh"];
}

/** Prefix that sets a resource limit as sh's `ulimit` does: `limit("-c unlimited")`. */
export function limit(options: string): readonly string[] {
  return ["sh", "-c", `ulimit ${options}; exec "$@"`, "sh"];
}

/** Prefix under which a command inherits these signals ignored: `ignoring("HUP", "INT")`. */
export function ignoring(...signals: readonly string[]): readonly string[] {
  return ["sh", "-c", `trap '' ${signals.join(" ")}; exec "$@"`, "sh"];
}

/** Prefix that gives a command this nice level, whatever that of the tests is; for root only. */
export function niceLevel(level: number): readonly string[] {
  return ["perl", "-e", `setpriority(0, 0, ${level}); exec @ARGV or die "$ARGV[0]: $!"`];
}

/** The nice level of what is started here and adds so much to its own. */
export function niceLevelPlus(increment: number): number {
  return Math.min(19, getPriority() + increment);
}

/** Prefix under which a command writes its standard output to a file. */
export function writingTo(path: string): readonly string[] {
  return ["sh", "-c", `exec "$@" >${path}`, "sh"];
}

/** Prefix that runs a command as another user; for root only. */
export function user(uid: number, gid: number): readonly string[] {
  return ["perl", "-e", `$( = ${gid}; $) = "${gid} ${gid}"; $< = $> = ${uid}; exec @ARGV or die "$ARGV[0]: $!"`];
}

export const isRoot: boolean = getuid?.() === 0;

/** For `needs`: why a test is skipped, or undefined. */
export const root: string | undefined = isRoot ? undefined : "root: to enable, run the tests as root";

/** The user `nobody` of Debian. */
export const nobody = 65_534;
