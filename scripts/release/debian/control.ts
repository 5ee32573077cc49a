/** What the fields of a Debian package depend on. */
export interface ControlFacts {
  /** As the suite has it: "1.2.3". */
  readonly version: string;
  readonly architecture: "amd64" | "arm64";
  /** The oldest glibc that the executable runs with: "2.17". */
  readonly libc: string;
  /** In KiB. */
  readonly installedSize: number;
}

/** Debian's runit whose interface the package has: scripts, directories and triggers. Other packages depend on it. */
const providedRunit = "2.1.2-54";

/**
 * Whom the package names as its maintainer.
 *
 * @param environment where who distributes a package of his own puts DEBFULLNAME and DEBEMAIL, as for Debian's tools.
 * @param author of the repository, "NAME <ADDRESS>": part of the commit, so that everybody makes the same bytes of it.
 */
export function maintainerOf({ DEBFULLNAME, DEBEMAIL }: NodeJS.ProcessEnv, author: string): string {
  const [, name = "", address = ""] = /^(\S.*\S) <(\S+@\S+)>$/.exec(author) ?? [];
  if (address === "") throw new Error(`the author in package.json is no name with an address: ${author}`);
  return `${DEBFULLNAME ?? name} <${DEBEMAIL ?? address}>`;
}

/** Whether a maintainer cannot be reached: RFC 2606 reserves these domains for examples. */
export function isUnreachable(maintainer: string): boolean {
  return /[@.]example\.(?:com|net|org)>$/.test(maintainer);
}

/** The version of the package; the last number grows where the package changes and the suite does not. */
export function debianVersion(version: string): string {
  return `${version}-1`;
}

/** The file `control`, as deb-control(5) has it. */
export function renderControl(
  { version, architecture, libc, installedSize }: ControlFacts,
  maintainer: string,
): string {
  const fields = {
    Package: "upkeep",
    Version: debianVersion(version),
    Section: "admin",
    Priority: "optional",
    Architecture: architecture,
    Maintainer: maintainer,
    "Installed-Size": String(installedSize),
    Depends: `libc6 (>= ${libc}), runit-helper (>= 2.14.0~), sysuser-helper (>= 1.3.3)`,
    Suggests: "runit-run, runit-services",
    Provides: `runit (= ${providedRunit})`,
    // On a machine where runit is process 1, the scripts of its stages and of the shutdown are missing.
    Conflicts: "runit, runit-init",
    Replaces: "runit",
    Description: [
      "service supervision in the manner of runit",
      " Upkeep supervises services: a service is a directory with an executable",
      " file run. runsvdir watches a directory of services and keeps each one",
      " running, sv shows and controls them, and svlogd writes and rotates logs.",
      " .",
      " It takes the place of runit with the same commands, directories and files,",
      " and works with the packages that bring services for runit. Besides it has",
      " readiness, dependencies, a process 1 for containers, and more to see.",
    ].join("\n"),
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}

/** The file `changelog.Debian`, as deb-changelog(5) has it. @param date of the release. */
export function renderChangelog(version: string, maintainer: string, date: Date): string {
  const head = `upkeep (${debianVersion(version)}) unstable; urgency=medium\n\n`;
  const day = date.toUTCString().replace("GMT", "+0000");
  return `${head}  * A release. changelog.gz tells what is new.\n\n -- ${maintainer}  ${day}\n`;
}

/** The file `copyright`, in the machine-readable format. @param licence the text of the suite's licence. */
export function renderCopyright(licence: string): string {
  const [, holder = "", text = ""] = /^MIT License\n\nCopyright \(c\) (.*)\n\n([^]*)$/.exec(licence) ?? [];
  if (holder === "") throw new Error("LICENSE is not the text that the copyright file is made from");
  const indented = text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? " ." : ` ${line}`));
  return [
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
    "Upstream-Name: upkeep",
    "Comment: The executable contains libraries and the runtime Bun. Their",
    " licences are in /usr/share/doc/upkeep/THIRD-PARTY-LICENSES.txt",
    "",
    "Files: *",
    `Copyright: ${holder}`,
    "License: Expat",
    ...indented,
    "",
  ].join("\n");
}

/**
 * The oldest glibc that an ELF executable runs with: the highest version of those that its symbols are bound to.
 *
 * @param executable its bytes. Throws if it is bound to none.
 */
export function libcNeededBy(executable: Buffer): string {
  const minors: number[] = [];
  const prefix = "\0GLIBC_2.";
  for (let at = executable.indexOf(prefix); at !== -1; at = executable.indexOf(prefix, at + 1)) {
    const [, minor] = /^(\d{1,2})(?:\.\d+)?\0/.exec(executable.toString("latin1", at + prefix.length, at + 20)) ?? [];
    if (minor !== undefined) minors.push(Number(minor));
  }
  if (minors.length === 0) throw new Error("the executable is bound to no glibc");
  return `2.${Math.max(...minors)}`;
}
