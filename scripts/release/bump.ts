/** Which number of a version goes up. */
export const bumps = ["major", "minor", "patch"] as const;
export type Bump = (typeof bumps)[number];

/** The next version: `bumped("1.2.3", "minor")` is "1.3.0". Throws if the text is no version. */
export function bumped(version: string, bump: Bump): string {
  const [, major = "", minor = "", patch = ""] = /^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
  if (patch === "") throw new Error(`${version} is no version`);
  switch (bump) {
    case "major":
      return `${Number(major) + 1}.0.0`;
    case "minor":
      return `${major}.${Number(minor) + 1}.0`;
    case "patch":
      return `${major}.${minor}.${Number(patch) + 1}`;
  }
}

/** Throws unless a tag is that of the version. */
export function checkTag(tag: string, version: string): void {
  if (tag !== `v${version}`) throw new Error(`--tag: ${tag} is not v${version}, the version of this commit`);
}

/** A manifest with another version. Nothing else changes. */
export function manifestWith(text: string, version: string): string {
  return replaced(text, /^ {2}"version": "[^"]+"/m, `  "version": "${version}"`);
}

/** The source that tells the commands their version. */
export function sourceWith(text: string, version: string): string {
  return replaced(text, /version = "[^"]+"/, `version = "${version}"`);
}

/** A manual page with another version and date: `.TH NAME SECTION "November 28, 2026" "Upkeep 1.2.3" ...`. */
export function manualWith(text: string, version: string, date: Date): string {
  const day = date.toLocaleDateString("en-US", { timeZone: "UTC", year: "numeric", month: "long", day: "numeric" });
  return replaced(text, /^(\.TH \S+ \S+) "[^"]*" "[^"]*"/m, `$1 "${day}" "Upkeep ${version}"`);
}

/** The description of the interface in OpenAPI. Its own version is the one two levels deep. */
export function openApiWith(text: string, version: string): string {
  return replaced(text, /^ {4}"version": "[^"]+"/m, `    "version": "${version}"`);
}

/** A page that names the files and the image of a release: those of the version before become those of the next one. */
export function pageWith(text: string, before: string, version: string): string {
  const names = new RegExp(`\\b(upkeep(?:-[a-z0-9]+)*[_:-])${before.replaceAll(".", "\\.")}(?!\\d)`, "g");
  return replaced(text, names, `$1${version}`);
}

/** The change log, in which what was unreleased belongs to the version now. That nothing was released is true no more. */
export function changesWith(text: string, version: string, date: Date): string {
  const day = date.toISOString().slice(0, "2026-11-28".length);
  const head = /^## Unreleased\n\n(?:Nothing has been released yet\.[^]*?\n\n)?/m;
  return replaced(text, head, `## Unreleased\n\n## ${version} - ${day}\n\n`);
}

function replaced(text: string, pattern: RegExp, replacement: string): string {
  if (text.search(pattern) === -1) throw new Error(`there is nothing that matches ${String(pattern)}`);
  return text.replace(pattern, replacement);
}
