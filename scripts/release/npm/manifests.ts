/** The machines that npm knows, and the targets that their executables are taken from. */
export const platforms = {
  "linux-x64": { cpu: "x64", libc: "glibc" },
  "linux-x64-musl": { cpu: "x64", libc: "musl" },
  "linux-arm64": { cpu: "arm64", libc: "glibc" },
  "linux-arm64-musl": { cpu: "arm64", libc: "musl" },
} as const;

export type Platform = keyof typeof platforms;

export function isPlatform(name: string): name is Platform {
  return Object.hasOwn(platforms, name);
}

/** A package.json, as npm reads it. */
type Manifest = Readonly<Record<string, unknown>>;

const common = {
  license: "MIT",
  type: "module",
  os: ["linux"],
  keywords: ["runit", "s6", "supervision", "supervisor", "init", "service", "container"],
} as const;

/** The manifest of the package with the executable for one kind of machine. */
export function platformManifest(platform: Platform, version: string): Manifest {
  const { cpu, libc } = platforms[platform];
  return {
    name: `@upkeep/${platform}`,
    version,
    description: `The commands of Upkeep as one executable, for ${platform}`,
    ...common,
    cpu: [cpu],
    libc: [libc],
    // The launcher of the package upkeep looks for the executable by its path.
    preferUnplugged: true,
    files: ["bin", "THIRD-PARTY-LICENSES.txt"],
  };
}

/**
 * The manifest of the package `upkeep`: the commands for Node, and a launcher for each, which prefers the executable of the
 * package for this machine. That one is optional, of the very same version.
 *
 * @param commands their names. @param manuals paths of the manual pages in the package.
 */
export function suiteManifest(version: string, commands: readonly string[], manuals: readonly string[]): Manifest {
  return {
    name: "upkeep",
    version,
    description: "Service supervision in the manner of runit and s6, for servers and containers",
    ...common,
    cpu: ["x64", "arm64"],
    bin: Object.fromEntries(commands.toSorted().map((name) => [name, `bin/${name}`])),
    man: manuals,
    files: ["bin", "node", "man", "THIRD-PARTY-LICENSES.txt"],
    optionalDependencies: Object.fromEntries(Object.keys(platforms).map((name) => [`@upkeep/${name}`, version])),
  };
}
