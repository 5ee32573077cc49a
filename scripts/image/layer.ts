import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { completionFor } from "../../packages/sv/src/core/completion.ts";

/** One entry of the layer: a path without a leading slash. All belong to root. */
export type LayerEntry =
  | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "directory"; readonly path: string; readonly mode: number };

/** Where the layer's files come from. */
export interface LayerSources {
  /** The directory with the files of the image at their places. */
  readonly rootfs: string;
  /** The executable. */
  readonly executable: string;
  /** The licences of what is in it. */
  readonly licences: string;
  /** The directory with the manual pages; null: without them. */
  readonly manuals: string | null;
  /** The bill of materials; null: without it. */
  readonly bill: string | null;
}

const executable = "usr/lib/upkeep/upkeep";

/** Where shells look for completion, on Debian and elsewhere. */
const completions = {
  bash: ["usr/share/bash-completion/completions/sv"],
  zsh: ["usr/share/zsh/site-functions/_sv", "usr/share/zsh/vendor-completions/_sv"],
  fish: ["usr/share/fish/vendor_completions.d/sv.fish"],
} as const;

const commandsIn = {
  "usr/bin": ["chpst", "devlog", "runsv", "runsvchdir", "runsvdir", "sv", "svlogd", "upkeep", "utmpset"],
  // Bases where /sbin is not a link to this directory: see rootfs/usr/lib/upkeep/prepare.
  "usr/sbin": ["my_init", "runit", "runit-init", "setuser"],
} as const;

/*
 * Only directories that belong to the suite alone. An entry for /usr/sbin or /etc would change that of the base. An entry
 * for a directory that is a link there, as /sbin mostly is, would replace the link. So there is none for /etc/service,
 * which is a link where Debian's runit is, nor for anything below it, which would come to the services of that runit:
 * prepare copies the services to it.
 */
const directories = [
  ["usr/lib/upkeep", 0o755],
  ["usr/lib/upkeep/services", 0o755],
  ["usr/lib/upkeep/services/cron", 0o755],
  ["usr/lib/upkeep/services/sshd", 0o755],
  ["usr/lib/upkeep/services/upkeep-web", 0o755],
  ["usr/share/doc/upkeep", 0o755],
  ["etc/my_init.d", 0o755],
  ["etc/my_init.pre_shutdown.d", 0o755],
  ["etc/my_init.post_shutdown.d", 0o755],
  // Variables hold secrets.
  ["etc/container_environment", 0o700],
] as const;

/** Lists the layer, sorted by path. Modes depend only on the executable bit, not on the umask of the checkout. */
export function layerEntries({
  rootfs,
  executable: built,
  licences,
  manuals,
  bill,
}: LayerSources): readonly LayerEntry[] {
  const entries: readonly LayerEntry[] = [
    ...directories.map(([path, mode]) => ({ kind: "directory", path, mode }) as const),
    fileAt(executable, built),
    // Absolute, so that they work wherever the links of a base lead.
    ...Object.entries(commandsIn).flatMap(([directory, names]) =>
      names.map((name) => ({ kind: "link", path: `${directory}/${name}`, target: `/${executable}` }) as const),
    ),
    { kind: "link", path: "etc/profile.d/container_environment.sh", target: "/etc/container_environment.sh" },
    fileAt("usr/share/doc/upkeep/LICENSE", "LICENSE"),
    fileAt("usr/share/doc/upkeep/THIRD-PARTY-LICENSES.txt", licences),
    ...(bill === null ? [] : [fileAt("usr/share/doc/upkeep/upkeep.cdx.json", bill)]),
    ...(["bash", "zsh", "fish"] as const).flatMap((shell) => {
      const content = Buffer.from(completionFor(shell));
      return completions[shell].map((path) => ({ kind: "file", path, mode: 0o644, content }) as const);
    }),
    ...filesBelow(rootfs).map((path) => fileAt(path, join(rootfs, path))),
    ...(manuals === null ? [] : globSync("*.[18]", { cwd: manuals })).map((name) =>
      fileAt(`usr/share/man/man${name.slice(-1)}/${name}`, join(manuals ?? "", name)),
    ),
  ];
  return entries.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function filesBelow(directory: string): readonly string[] {
  return globSync("**", { cwd: directory }).filter((path) => statSync(join(directory, path)).isFile());
}

function fileAt(path: string, source: string): LayerEntry {
  const mode = (statSync(source).mode & 0o100) === 0 ? 0o644 : 0o755;
  return { kind: "file", path, mode, content: readFileSync(source) };
}
