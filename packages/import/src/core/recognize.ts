export const formats = ["supervisord", "procfile"] as const;

/** A format that can be imported. */
export type Format = (typeof formats)[number];

/** Files that a directory is searched for, with what they hold. */
export const wellKnownFiles: readonly string[] = ["supervisord.conf", "supervisor.conf", "Procfile"];

/** The format of a file, by its name or by what it holds; null if it looks like none. */
export function recognize(name: string, text: string): Format | null {
  if (/^Procfile(\..+)?$/.test(name)) return "procfile";
  if (/^\s*\[(supervisord|include|program:[^\]]+|group:[^\]]+|eventlistener:[^\]]+)\]/m.test(text))
    return "supervisord";
  return null;
}

/** Whether a text that somebody wants to import is none. */
export function isBinary(text: string): boolean {
  return text.includes("\0");
}
