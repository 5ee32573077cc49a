import { parse, stringify } from "yaml";

/** What pnpm installs: the texts of a package.json, and of its lockfile. */
export interface Install {
  readonly manifest: string;
  readonly lockfile: string;
}

interface Manifest {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lockfile {
  readonly importers: Readonly<Record<string, Manifest>>;
  readonly packages: Readonly<Record<string, unknown>>;
  readonly snapshots: Readonly<Record<string, unknown>>;
}

/** The names of all that a package.json would install. */
export function namesIn(manifest: string): readonly string[] {
  return Object.keys((JSON.parse(manifest) as Manifest).optionalDependencies ?? {});
}

/** The part of an install that has some of its packages, in the same versions with the same checksums. */
export function subsetOf({ manifest, lockfile }: Install, isWanted: (name: string) => boolean): Install {
  const own = JSON.parse(manifest) as Manifest;
  const locked = parse(lockfile) as Lockfile;
  const byName = (all: Manifest["optionalDependencies"] = {}): Manifest["optionalDependencies"] =>
    chosen(all, isWanted);
  const byKey = (all: Lockfile["packages"]): Lockfile["packages"] =>
    chosen(all, (key) => isWanted(key.slice(0, key.lastIndexOf("@"))));
  const importers = Object.entries(locked.importers).map(([path, importer]) => {
    return [path, { ...importer, optionalDependencies: byName(importer.optionalDependencies) }] as const;
  });
  return {
    manifest: `${JSON.stringify({ ...own, optionalDependencies: byName(own.optionalDependencies) }, null, 2)}\n`,
    lockfile: stringify({
      ...locked,
      importers: Object.fromEntries(importers),
      packages: byKey(locked.packages),
      snapshots: byKey(locked.snapshots),
    }),
  };
}

function chosen<T>(all: Readonly<Record<string, T>>, isWanted: (name: string) => boolean): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name)));
}
