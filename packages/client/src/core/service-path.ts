/**
 * The path of a service's directory. Names that look like a path (`./web`, `/srv/web`, `web/`) are
 * relative to the working directory, all others to the service directory.
 *
 * @returns null where the name or the service directory is empty.
 */
export function pathOfService(label: string, directory: string): string | null {
  if (/^[./]|\/$/.test(label)) return label;
  return label === "" || directory === "" ? null : `${directory}/${label}`;
}

/** The directory in which services are looked for by their names: SVDIR, or as in Debian's runit. */
export function usualScanDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  return environment["SVDIR"] ?? "/etc/service";
}
