/*
 * A root directory with a few programs of this machine and no package manager: the smallest base. /bin, /sbin and /lib
 * are links into /usr, as in most distributions, or directories.
 */
import { execa } from "execa";
import { type ScratchDirectory, scratchDirectory } from "../core/scratch.ts";
import type { Suite } from "../core/suites.ts";

export type RootKind = "merged" | "split";

const programs = [
  "sh",
  "cat",
  "chmod",
  "cp",
  "id",
  "ln",
  "ls",
  "mkdir",
  "mv",
  "readlink",
  "rm",
  "sleep",
  "touch",
  "grep",
  "stat",
];

/** Its operands: the kind, the directory, the programs. Libraries go where the loader looks for them first. */
const script = `set -e
kind=$0; root=$1; shift
mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/etc" "$root/proc" "$root/dev" "$root/tmp"
for name in bin sbin lib lib64; do
  if [ "$kind" = merged ]; then ln -s "usr/$name" "$root/$name"; else mkdir "$root/$name"; fi
done
for program; do
  path=$(readlink -f "$(command -v "$program")")
  cp "$path" "$root/bin/$program"
  ldd "$path" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root/\${library%/*}"; cp -L "$library" "$root/$library"
  done
done
# What the executable of the suite is linked with.
for name in libc libm libdl libpthread; do
  library=$(ldd "$OURS" | grep -o "/[^ ]*/$name\\.so[^ ]*"); mkdir -p "$root/\${library%/*}"; cp -L "$library" "$root/$library"
done
printf 'root:x:0:0:root:/root:/bin/sh\\nweb:x:33:33:web:/srv:/bin/sh\\n' >"$root/etc/passwd"
printf 'root:x:0:\\nweb:x:33:\\nextra:x:44:web\\n' >"$root/etc/group"`;

/** Makes one for the commands of a suite. */
export async function smallRoot(suite: Suite, kind: RootKind): Promise<ScratchDirectory> {
  const directory = scratchDirectory();
  await execa("sh", ["-c", script, kind, directory.path, ...programs], { env: { OURS: suite.command("upkeep") } });
  return directory;
}
