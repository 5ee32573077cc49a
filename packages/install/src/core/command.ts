import type { Request } from "./request.ts";

/** The host cannot be told to start that. */
export class PlanError extends Error {
  override readonly name = "PlanError";
}

/** What runsvdir is started with. An orderly stop has `seconds` until it kills what has not ended. */
export function runsvdirWords({ commands, directory }: Request, seconds: number): readonly string[] {
  return [`${commands}/runsvdir`, "-P", "--inline", "--orderly", "--stop-timeout", String(seconds), directory];
}

/** What has a new version take over, with no service restarted. */
export function renewWords({ commands, directory }: Request): readonly string[] {
  return [`${commands}/sv`, "renew", directory];
}

/** Where services find their programs. Standard places come in the order of a login of root. */
export function searchPath({ commands }: Request): string {
  const usual = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  return (usual.includes(commands) ? usual : [commands, ...usual]).join(":");
}

/** A word for sh(1). */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
