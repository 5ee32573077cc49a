/** What starts runsvdir on a host. */
export const hosts = ["systemd", "openrc", "sysv", "container"] as const;
export type Host = (typeof hosts)[number];

/** What is to be installed, with all that the plans must know of the host. Paths are absolute and without the root. */
export interface Request {
  readonly host: Host;
  /** The scan directory; for a container the directory of services beside the Containerfile, relative to it. */
  readonly directory: string;
  /** What services, files and links are called after: {@link nameFor}. */
  readonly name: string;
  /** The directory of runsvdir and the other commands. */
  readonly commands: string;
  /** The configuration directory of the user whose systemd starts runsvdir at login; null: that of the system does. */
  readonly userConfiguration: string | null;
  /** The text of /etc/inittab; null if there is none, or if the host has no use for it. */
  readonly inittab: string | null;
}

/** One thing that is put in place, and that can be taken back. */
export type Piece =
  | { readonly kind: "file"; readonly path: string; readonly text: string; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  /** A line in a file of the host's, which must be there. */
  | { readonly kind: "line"; readonly path: string; readonly line: string }
  /** Nobody takes back a directory: by then it has services in it. */
  | { readonly kind: "directory"; readonly path: string };

/** What to put in place, in this order, and what to type then. */
export interface Plan {
  readonly pieces: readonly Piece[];
  readonly afterInstall: readonly string[];
  readonly afterUninstall: readonly string[];
}

/** The scan directory that needs no name of its own. */
export const usualDirectory = "/etc/service";

/**
 * The name of the host's service for a scan directory: `upkeep` for the usual one, else `upkeep-` and the path with
 * dashes, so that several can be installed.
 */
export function nameFor(directory: string, usual: string): string {
  if (directory === usual) return "upkeep";
  return `upkeep-${directory
    .slice(1)
    .replaceAll("/", "-")
    .replaceAll(/[^A-Za-z0-9_.-]/g, "_")}`;
}

/** The line that every file has, for whoever finds it. */
export function origin({ host, directory, userConfiguration }: Request): string {
  const words = `--${host}${userConfiguration === null ? "" : " --user"} ${directory}`;
  return `# Made by 'upkeep install ${words}'; 'upkeep uninstall' with the same words takes it back.`;
}
