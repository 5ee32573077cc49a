export const formats = ["supervisord", "procfile", "systemd", "process-compose", "compose", "pm2"] as const;

/** A format that can be imported. */
export type Format = (typeof formats)[number];

/** Files that a directory is searched for, with what they hold. */
export const wellKnownFiles: readonly string[] = [
  "supervisord.conf",
  "supervisor.conf",
  "Procfile",
  "process-compose.yaml",
  "process-compose.yml",
  "compose.yaml",
  "compose.yml",
  "docker-compose.yaml",
  "docker-compose.yml",
  "ecosystem.config.js",
  "ecosystem.config.cjs",
  "ecosystem.config.mjs",
  "ecosystem.config.json",
  "ecosystem.json",
];

/** What a file of each format looks like, by its name or by what it holds. */
const signs: readonly { readonly format: Format; readonly name?: RegExp; readonly content?: RegExp }[] = [
  { format: "procfile", name: /^Procfile(\..+)?$/ },
  { format: "systemd", name: /\.service$/, content: /^\s*\[Service\]\s*$/m },
  { format: "process-compose", name: /^process-compose.*\.ya?ml$/, content: /^processes:/m },
  {
    format: "pm2",
    name: /^(ecosystem|pm2|process(es)?)(\..*)?\.(c|m)?js(on)?$/,
    content: /^\s*(module\.exports|export default)\b[^]*\bapps\b|^\s*\{\s*"apps"/,
  },
  { format: "compose", name: /^(docker-)?compose.*\.ya?ml$/, content: /^services:/m },
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
