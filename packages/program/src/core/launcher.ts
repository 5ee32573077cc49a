// The npm package `upkeep` has a launcher for each command, ROOT/bin/NAME. It becomes the executable of a package for this
// machine, or a script for Node: see scripts/release/npm/launcher.sh. Beside that executable are launchers as well.

/**
 * The files that a launcher may become, if that is what `launcher` is; otherwise none. A caller compares them with itself.
 *
 * @param launcher a path without links. @param own the file that this process executes.
 */
export function filesOfLauncher(launcher: string, own: string): readonly string[] {
  const [, directory, packaged] = /^(.*(\/@upkeep\/[^/]+\/bin)\/)upkeep$/.exec(own) ?? [];
  if (directory !== undefined && launcher.startsWith(directory)) return [own];
  const [, root, name] = /^(.*\/upkeep)\/bin\/([^/]+)$/.exec(launcher) ?? [];
  if (root === undefined || name === undefined) return [];
  if (packaged === undefined) return [`${root}/node/bin/${name}`];
  return placesFrom(root).map((place) => `${place}/node_modules${packaged}/upkeep`);
}

/** A directory and those above it: where packages may be that a package in it needs. */
function placesFrom(directory: string): readonly string[] {
  const parts = directory.split("/");
  return parts.map((_, count) => parts.slice(0, parts.length - count).join("/"));
}
