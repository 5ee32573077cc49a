import { createHash } from "node:crypto";
import { globSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { type LayerEntry, layerEntries } from "../../image/layer.ts";
import { gzipSmall } from "../gzip.ts";
import { renderChangelog, renderCopyright } from "./control.ts";

/** Where the files of the package come from. */
export interface TreeSources {
  readonly executable: string;
  readonly version: string;
  readonly maintainer: string;
  readonly date: Date;
}

const documents = "usr/share/doc/upkeep";

/** Debian's places for the commands. Each is a link to the executable. */
const commands = {
  "usr/bin": ["chpst", "devlog", "runsv", "runsvdir", "sv", "svlogd", "upkeep"],
  "usr/sbin": ["my_init", "runit", "runit-init", "runsvchdir", "setuser", "utmpset"],
} as const;

/** Empty directories that scripts expect. */
const directories = ["etc/runit/runsvdir/default", "etc/runit/runsvdir/svmanaged", "usr/share/runit/sv"] as const;

/** Lists the files of the package, sorted by path. */
export function treeEntries({ executable, version, maintainer, date }: TreeSources): readonly LayerEntry[] {
  const own = "scripts/release/debian/files";
  const entries: readonly LayerEntry[] = [
    ...directories.map((path) => ({ kind: "directory", path, mode: 0o755 }) as const),
    { kind: "link", path: "etc/service", target: "runit/runsvdir/current" },
    ...Object.entries(commands).flatMap(([directory, names]) =>
      names.map((name) => ({ kind: "link", path: `${directory}/${name}`, target: "../lib/upkeep/upkeep" }) as const),
    ),
    ...fromLayer(executable),
    ...filesBelow(own, "").map(manualCompressed),
    ...filesBelow("docs", `${documents}/docs`),
    ...filesBelow("examples", `${documents}/examples`),
    text(`${documents}/README.md`, readFileSync("README.md", "utf8")),
    text(`${documents}/copyright`, renderCopyright(readFileSync("LICENSE", "utf8"))),
    compressed(text(`${documents}/changelog`, readFileSync("CHANGELOG.md", "utf8"))),
    compressed(text(`${documents}/changelog.Debian`, renderChangelog(version, maintainer, date))),
  ];
  return entries.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** What the layer for images has and hosts want: the executable, manual pages, completion, licences of libraries. */
function fromLayer(executable: string): readonly LayerEntry[] {
  const wanted =
    /^usr\/(?:lib\/upkeep\/upkeep$|share\/(?:man|bash-completion|fish|zsh\/vendor-completions)\/|share\/doc\/upkeep\/THIRD)/;
  return layerEntries({
    rootfs: "image/rootfs",
    executable,
    licences: "dist/THIRD-PARTY-LICENSES.txt",
    manuals: "man",
    bill: null,
  })
    .filter(({ path }) => wanted.test(path))
    .map(manualCompressed);
}

function manualCompressed(entry: LayerEntry): LayerEntry {
  return entry.kind === "file" && /\/man\/man\d\//.test(entry.path) ? compressed(entry) : entry;
}

/** A page that leads to another one by `.so` finds it compressed as well: man(1) looks for both. */
function compressed(entry: LayerEntry): LayerEntry {
  if (entry.kind !== "file") return entry;
  return { ...entry, path: `${entry.path}.gz`, content: gzipSmall(entry.content, 9) };
}

function text(path: string, content: string): LayerEntry {
  return { kind: "file", path, mode: 0o644, content: Buffer.from(content) };
}

function filesBelow(directory: string, place: string): readonly LayerEntry[] {
  return globSync("**/*", { cwd: directory, exclude: ["**/supervise/**", "**/.runsvdir/**", "**/log/main/**"] })
    .concat(globSync("**/.meta/*", { cwd: directory }))
    .filter((path) => statSync(join(directory, path)).isFile())
    .map((path) => {
      const source = join(directory, path);
      const mode = (statSync(source).mode & 0o100) === 0 ? 0o644 : 0o755;
      return { kind: "file", path: join(place, path), mode, content: readFileSync(source) } as const;
    });
}

/** The files that administrators may change, as `conffiles` lists them. */
export function renderConffiles(entries: readonly LayerEntry[]): string {
  return entries
    .filter(({ kind, path }) => kind === "file" && path.startsWith("etc/"))
    .map(({ path }) => `/${path}\n`)
    .join("");
}

/** The checksums of all other files, as `md5sums` has them. */
export function renderSums(entries: readonly LayerEntry[]): string {
  return entries
    .flatMap((entry) => (entry.kind === "file" && !entry.path.startsWith("etc/") ? [entry] : []))
    .map(({ path, content }) => `${createHash("md5").update(content).digest("hex")}  ${path}\n`)
    .join("");
}

/** In KiB, each file rounded up, and one for each directory and link: as dpkg-gencontrol counts. */
export function installedSize(entries: readonly LayerEntry[]): number {
  const all = new Set(entries.flatMap(({ path }) => parentsOf(path)));
  const sizes = entries.map((entry) => (entry.kind === "file" ? Math.ceil(entry.content.length / 1024) : 1));
  return sizes.reduce((sum, size) => sum + size, all.size);
}

function parentsOf(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === "." ? [] : [parent, ...parentsOf(parent)];
}

/** Writes the entries below a directory, with modes that do not depend on the umask. */
export async function writeTree(root: string, entries: readonly LayerEntry[]): Promise<void> {
  const parents = new Set(entries.flatMap(({ path }) => parentsOf(path)));
  await makeDirectory(root);
  for (const path of [...parents].toSorted()) await makeDirectory(join(root, path));
  for (const entry of entries) {
    const path = join(root, entry.path);
    if (entry.kind === "directory") await makeDirectory(path);
    else if (entry.kind === "link") await symlink(entry.target, path);
    else {
      await writeFile(path, entry.content);
      await chmod(path, entry.mode);
    }
  }
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}
