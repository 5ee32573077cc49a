/*
 * Machines that this one is not, for the executables of a release: a processor without AVX2, another C library, another
 * architecture. Each of them runs a shell script that finds the commands in its PATH.
 */
import { execa, execaSync } from "execa";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, contentOf, digest, repositoryRoot } from "../core/files.ts";
import { version } from "../core/other-build.ts";
import { locked } from "./locked.ts";
import { type Need, privateMounts, program } from "../core/needs.ts";
import { root } from "../process/under.ts";

/** A machine, and what stands for it here. */
export interface Machine {
  /** The executable that is made for it: one of scripts/release/targets.ts. */
  readonly target: string;
  readonly title: string;
  readonly needs: Need;
  /** Makes it in an empty directory, which has to stay while it is used. */
  prepare(directory: string): Promise<PreparedMachine>;
}

export interface PreparedMachine {
  /** Prefix of a command that runs on it. All that it starts ends with it. */
  readonly prefix: readonly string[];
  /** A directory on it that does not exist yet. */
  readonly home: string;
}

const commands = ["upkeep", "runsvdir", "runsv", "sv", "svlogd"] as const;
/** What starts on a machine ends with its first command. */
const namespaces = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"] as const;
const architecture: Need = process.arch === "x64" ? undefined : "an x64 machine";

/** An older processor: Nehalem, of 2008, has SSE4.2 and POPCNT, and no AVX. */
const baseline: Machine = {
  target: "linux-x64-baseline",
  title: "a processor without AVX2",
  needs: architecture ?? privateMounts ?? program("qemu-x86_64-static", "qemu-user-static"),
  async prepare(directory) {
    const executable = await executableFor(this.target);
    // Each command is emulated, and what it starts is not, unless it is one of these again.
    const script = `#!/bin/sh\nexec qemu-x86_64-static -cpu Nehalem -0 "\${0##*/}" ${executable} "$@"\n`;
    for (const name of commands) writeFileSync(join(directory, name), script, { mode: 0o755 });
    return prepared("true", directory);
  },
};

/**
 * The musl of Debian, as the C library of the executable. The C++ library that this needs is Debian's as well, made for
 * glibc: musl-names.c has the few names in which the two C libraries differ, and stands where glibc's loader would.
 */
const musl: Machine = {
  target: "linux-x64-musl",
  title: "musl",
  needs:
    architecture ??
    privateMounts ??
    program("musl-gcc", "musl-tools") ??
    (existsSync("/lib/ld-musl-x86_64.so.1") ? undefined : "musl; to enable: apt-get install musl"),
  async prepare(directory) {
    const executable = await executableFor(this.target);
    const libraries = join(directory, "lib");
    mkdirSync(libraries);
    const source = join(import.meta.dirname, "musl-names.c");
    await execa("musl-gcc", ["-shared", "-fPIC", "-o", join(libraries, "ld-linux-x86-64.so.2"), source]);
    for (const name of ["libstdc++.so.6", "libgcc_s.so.1"]) {
      copyFileSync(join("/usr/lib/x86_64-linux-gnu", name), join(libraries, name));
    }
    for (const name of commands) symlinkSync(executable, join(directory, name));
    // Only musl reads it.
    const path = "/etc/ld-musl-x86_64.path";
    writeFileSync(join(directory, "path"), `${contentOf(path)}\n${libraries}\n`);
    return prepared(`mount --bind ${join(directory, "path")} ${path}`, directory);
  },
};

/** A Debian of this architecture, in which all programs are emulated, with the files of our package for it. */
const arm64: Machine = {
  target: "linux-arm64",
  title: "arm64",
  needs:
    root ??
    program("mmdebstrap", "mmdebstrap") ??
    program("qemu-aarch64-static", "qemu-user-static") ??
    program("dpkg-deb", "dpkg") ??
    (ownFormats() ? undefined : "Linux 6.7: binary formats of a user namespace"),
  async prepare(directory) {
    const executable = await executableFor(this.target);
    const debian = await debianFor("arm64");
    await execa("cp", ["-a", `${debian}/.`, directory]);
    for (const name of ["proc", "dev"]) mkdirSync(join(directory, name), { recursive: true });
    await unpackDebian("linux-arm64", executable, directory);
    const boot = `${ownFormat("qemu-aarch64")} && cd ${directory} && mount -t proc proc proc &&
      mount --rbind /dev dev && exec chroot . "$@"`;
    const prefix = ["unshare", "--map-root-user", ...namespaces, "sh", "-c", boot, "sh"];
    return { prefix: [...prefix, ...withPath("/usr/bin:/bin")], home: "/life" };
  },
};

/** All of them. */
export const machines: readonly Machine[] = [baseline, musl, arm64];

/** This machine after a command of sh, with the commands in the directory. */
function prepared(boot: string, directory: string): PreparedMachine {
  const prefix = ["unshare", ...namespaces, "sh", "-c", `${boot} && exec "$@"`, "sh"];
  return { prefix: [...prefix, ...withPath(`${directory}:/usr/bin:/bin`)], home: join(directory, "life") };
}

/** Commands of sh that register a binary format of Debian's qemu-user-static, for the user namespace alone. */
function ownFormat(name: string): string {
  const formats = "/proc/sys/fs/binfmt_misc";
  return `mount -t binfmt_misc none ${formats} && cat /usr/lib/binfmt.d/${name}.conf >${formats}/register`;
}

function ownFormats(): boolean {
  const words = ["--map-root-user", ...namespaces, "sh", "-c", ownFormat("qemu-aarch64")];
  return !execaSync("unshare", words, { reject: false }).failed;
}

function withPath(path: string): readonly string[] {
  return ["env", "-i", `PATH=${path}`];
}

/** What a child of Node does: a test imports no source of a package. */
const buildThere = `
import { buildExecutable } from "./scripts/build/standalone.ts";
import { fetchRuntimes, runtimeOf } from "./scripts/release/runtimes.ts";
import { targets } from "./scripts/release/targets.ts";
const [name, directory] = process.argv.slice(1);
const target = targets.find((each) => each.name === name);
await fetchRuntimes([target]);
await buildExecutable(directory, { name, target: target.bun, runtime: runtimeOf(target), commit: null });`;

/** The executable for a machine, made from the sources of the last build; it stays for later runs. */
async function executableFor(target: string): Promise<string> {
  const stamp = digest(readFileSync(join(repositoryRoot, "dist/stamp"), "utf8"), 12);
  const directory = join(cacheDirectory, "machines", target);
  const file = join(directory, stamp, "upkeep");
  const script = `set -e
if [ -e "$1" ]; then exit 0; fi
rm -rf "$2"; mkdir -p "\${1%/*}.new"
cd "$3" && node --input-type=module --eval "$4" "$5" "\${1%/*}.new" && mv "\${1%/*}.new" "\${1%/*}"`;
  const words = [file, directory, repositoryRoot, buildThere, target];
  await locked("release", script, words);
  return file;
}

const packThere = `
import { makeDebianPackage } from "./scripts/release/debian/package.ts";
const [target, executable, directory, version] = process.argv.slice(1);
const options = { directory, version, date: new Date(0), level: null };
process.stdout.write(await makeDebianPackage(target, executable, options));`;

/** Makes the Debian package of a machine with its executable, and unpacks it, as dpkg does it there. */
async function unpackDebian(target: string, executable: string, directory: string): Promise<void> {
  const words = ["--input-type=module", "--eval", packThere, target, executable, directory, version];
  const { stdout: name } = await execa("node", words, { cwd: repositoryRoot, stdin: "ignore" });
  const file = join(directory, name);
  const { stdout } = await execa("dpkg-deb", ["--field", file, "Architecture"]);
  if (`linux-${stdout}` !== target) throw new Error(`${name} is for ${stdout}`);
  await execa("dpkg-deb", ["--extract", file, directory]);
  rmSync(file);
}

/** A directory with a few programs of a Debian of another architecture; it stays for later runs. */
async function debianFor(name: string): Promise<string> {
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(contentOf("/etc/os-release"))?.[1] ?? "bookworm";
  const path = join(cacheDirectory, `debian-${suite}-${name}`);
  const sources = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"].filter(existsSync).slice(0, 1);
  // Nothing of it runs before it is complete, so nothing has to be emulated here.
  const script = `set -e
if [ -d "$1" ]; then exit 0; fi
shift; rm -rf "$0"; mmdebstrap --quiet --mode=root --variant=extract --include=dash,coreutils,grep "$@" >&2
mv "$0" "\${0%.new}"`;
  await locked(`debian-${name}`, script, [path, `--arch=${name}`, suite, `${path}.new`, ...sources], `${path}.new`);
  return path;
}
