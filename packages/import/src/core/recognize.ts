export const formats = ["supervisord", "procfile", "systemd"] as const;

/** A format that can be imported. */
export type Format = (typeof formats)[number];

/** Files that a directory is searched for, with what they hold. */
export const wellKnownFiles: readonly string[] = ["supervisord.conf", "supervisor.conf", "Procfile"];

/** What a file of each format looks like, by its name or by what it holds. */
const signs: readonly { readonly format: Format; readonly name?: RegExp; readonly content?: RegExp }[] = [
  { format: "procfile", name: /^Procfile(\..+)?$/ },
  { format: "systemd", name: /\.service$/, content: /^\s*\[Service\]\s*$/m },
  {
    format: "supervisord",
    content: /^\s*\[(supervisord|include|program:[^\]]+|group:[^\]]+|eventlistener:[^\]]+)\]/m,
  },
];

/** The format of a file; null if it looks like none. */
export function recognize(name: string, text: string): Format | null {
  const sign = signs.find((each) => each.name?.test(name) === true || each.content?.test(text) === true);
  return sign?.format ?? null;
}

/** Whether a text that somebody wants to import is none. */
export function isBinary(text: string): boolean {
  return text.includes("\0");
}
