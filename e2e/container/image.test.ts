/* The base-image layer: what it contains, that it can be reproduced, and what it does to the bases below it. */
import { execa } from "execa";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { repositoryRoot } from "../rig/core/files.ts";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { privateMounts } from "../rig/core/needs.ts";
import { scratchDirectory } from "../rig/core/scratch.ts";
import { type RootKind, smallRoot } from "../rig/container/small-root.ts";
import { standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { root } from "../rig/process/under.ts";
import { waitLimit } from "../rig/core/until.ts";

const layer = join(repositoryRoot, "dist/image/upkeep-layer.tar");

function layerTest(title: string, run: (rig: TestRig) => Promise<void>, needs?: string): void {
  rigTest(title, [standalone], run, { needs });
}

/** The output of `tar -tv`: mode, owner, size if the layer determines it, name. */
const expected = `
drwx------ 0/0 etc/container_environment/
drwxr-xr-x 0/0 etc/my_init.d/
-rwxr-xr-x 0/0 etc/my_init.d/00_regen_ssh_host_keys.sh
-rwxr-xr-x 0/0 etc/my_init.d/00_syslog
drwxr-xr-x 0/0 etc/my_init.post_shutdown.d/
drwxr-xr-x 0/0 etc/my_init.pre_shutdown.d/
lrwxrwxrwx 0/0 etc/profile.d/container_environment.sh -> /etc/container_environment.sh
lrwxrwxrwx 0/0 usr/bin/chpst -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/bin/devlog -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/bin/runsv -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/bin/runsvchdir -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/bin/runsvdir -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/bin/sv -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/bin/svlogd -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/bin/upkeep -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/bin/utmpset -> /usr/lib/upkeep/upkeep
drwxr-xr-x 0/0 usr/lib/upkeep/
-rwxr-xr-x 0/0 usr/lib/upkeep/prepare
drwxr-xr-x 0/0 usr/lib/upkeep/services/
drwxr-xr-x 0/0 usr/lib/upkeep/services/cron/
-rw-r--r-- 0/0 usr/lib/upkeep/services/cron/down
-rwxr-xr-x 0/0 usr/lib/upkeep/services/cron/run
drwxr-xr-x 0/0 usr/lib/upkeep/services/sshd/
-rw-r--r-- 0/0 usr/lib/upkeep/services/sshd/down
-rwxr-xr-x 0/0 usr/lib/upkeep/services/sshd/run
drwxr-xr-x 0/0 usr/lib/upkeep/services/upkeep-web/
-rw-r--r-- 0/0 usr/lib/upkeep/services/upkeep-web/down
-rwxr-xr-x 0/0 usr/lib/upkeep/services/upkeep-web/run
-rwxr-xr-x 0/0 usr/lib/upkeep/upkeep
-rwxr-xr-x 0/0 usr/sbin/install_clean
lrwxrwxrwx 0/0 usr/sbin/my_init -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/sbin/runit -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/sbin/runit-init -> /usr/lib/upkeep/upkeep
lrwxrwxrwx 0/0 usr/sbin/setuser -> /usr/lib/upkeep/upkeep
-rw-r--r-- 0/0 usr/share/bash-completion/completions/sv
drwxr-xr-x 0/0 usr/share/doc/upkeep/
-rw-r--r-- 0/0 usr/share/doc/upkeep/LICENSE
-rw-r--r-- 0/0 usr/share/doc/upkeep/THIRD-PARTY-LICENSES.txt
-rw-r--r-- 0/0 usr/share/fish/vendor_completions.d/sv.fish
-rw-r--r-- 0/0 usr/share/zsh/site-functions/_sv
-rw-r--r-- 0/0 usr/share/zsh/vendor-completions/_sv
`;

async function listing(archive: string): Promise<readonly string[]> {
  const { stdout } = await execa("tar", ["--numeric-owner", "--utc", "-tvf", archive], { env: { LC_ALL: "C" } });
  return stdout.split("\n");
}

layerTest("the layer holds its own files and directories, nothing of the base's, all of them root's", async () => {
  const lines = await listing(layer);
  const withoutSizeAndTime = lines.map((text) => text.replace(/^(\S+ \S+) +\d+ \S+ \S+ /, "$1 "));
  expect(withoutSizeAndTime).toEqual(expected.trim().split("\n"));
  expect(lines.filter((text) => !text.includes(" 1980-01-01 00:00 "))).toEqual([]);
});

layerTest("SOURCE_DATE_EPOCH is the time of all", async () => {
  // On the disk: the executable is linked here instead of copied.
  using scratch = scratchDirectory();
  const copy = await copyOfRepository(scratch.path);
  const run = async (epoch: string): Promise<void> => {
    const path = [join(repositoryRoot, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
    const words = ["--input-type=module", "--eval", pack];
    await execa("node", words, { cwd: copy, env: { PATH: path, SOURCE_DATE_EPOCH: epoch }, stdin: "ignore" });
  };
  const made = join(copy, "dist/image/upkeep-layer.tar");
  await run("");
  expect(digestOf(made)).toBe(digestOf(layer));
  await run("86400");
  expect((await listing(made)).filter((text) => !text.includes(" 1970-01-02 00:00 "))).toEqual([]);
  await expect(run("today")).rejects.toThrow("SOURCE_DATE_EPOCH: today is no number");
});

/** What `npm run image` does after a build. */
const pack = `import { writeLayer } from "./scripts/image/write-layer.ts";
await writeLayer({ manuals: false, gzip: false });`;

function digestOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** Links to what is packed, and to what packs it. */
async function copyOfRepository(directory: string): Promise<string> {
  const path = join(directory, "deeper");
  const script = `mkdir -p "$0/dist" && cp -al packages scripts image package.json LICENSE "$0" &&
    ln -s "$PWD/node_modules" "$0" && cp -al dist/THIRD-PARTY-LICENSES.txt dist/standalone "$0/dist"`;
  await execa("sh", ["-c", script, path], { cwd: repositoryRoot });
  return path;
}

/** Runs a command in a root directory, in a PID namespace with a /proc of its own. */
async function inRoot(directory: string, ...words: readonly string[]): Promise<string> {
  const boot = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child"];
  const options = {
    reject: false,
    all: true,
    timeout: waitLimit,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  } as const;
  const { all } = await execa("unshare", [...namespaces, "sh", "-c", boot, directory, ...words], options);
  return all;
}

const bases: readonly (readonly [RootKind, string])[] = [
  ["merged", "where /sbin is a link it stays one, and what it leads to has my_init"],
  ["split", "where /sbin is a directory, prepare puts my_init into it"],
];

for (const [kind, title] of bases) {
  layerTest(
    `unpacked over a small root: ${title}`,
    async (rig) => {
      using base = await smallRoot(rig.suite, kind);
      const directory = base.path;
      await execa("tar", ["-xf", layer, "-C", directory]);
      expect(await inRoot(directory, "sh", "-c", "readlink /sbin || echo directory")).toBe(
        kind === "merged" ? "usr/sbin" : "directory",
      );
      for (const _ of ["once", "and once more, which changes nothing"]) {
        expect(await inRoot(directory, "/usr/lib/upkeep/prepare")).toBe("");
        expect(await inRoot(directory, "grep", "docker_env", "/etc/group")).toBe("docker_env:x:8377:");
      }
      expect(statSync(join(directory, "etc/container_environment")).mode & 0o7777).toBe(0o700);
      const said = await inRoot(
        directory,
        "/sbin/my_init",
        "--quiet",
        "--skip-startup-files",
        "--",
        "sh",
        "-c",
        'until sv status cron >/dev/null; do sleep 0.1; done; sv status cron | grep -o "down: cron"; /sbin/setuser web id',
      );
      expect(said).toContain("down: cron\n");
      expect(said).toContain("uid=33(web) gid=33(web) groups=33(web),44(extra)");
      expect(await inRoot(directory, "stat", "-c", "%a %g", "/etc/container_environment.sh")).toBe("640 8377");
    },
    privateMounts,
  );
}

/** Unpacks the layer by the documented line, and prepares the root. */
async function unpackInto(directory: string): Promise<void> {
  await execa("tar", ["-C", directory, "-xpf", layer]);
  expect(await inRoot(directory, "/usr/lib/upkeep/prepare")).toBe("");
}

/** What a Debian with runit has, with cron enabled and a file of its own. */
const runitTree = `set -e; cd "$0"; mkdir -p etc/sv/cron etc/runit/runsvdir/default
ln -s /etc/runit/runsvdir/default etc/runit/runsvdir/current; ln -s runit/runsvdir/current etc/service
ln -s /etc/sv/cron etc/runit/runsvdir/default/cron; echo own >etc/sv/cron/run`;

layerTest(
  "over a Debian with runit the link /etc/service and all services stay as they are",
  async (rig) => {
    using base = await smallRoot(rig.suite, "merged");
    const directory = base.path;
    await execa("sh", ["-c", runitTree, directory]);
    const tree = ["sh", "-c", "ls -lR /etc/runit /etc/sv /etc/service/ && readlink /etc/service"] as const;
    const before = await inRoot(directory, ...tree);
    expect(before).toContain("cron -> /etc/sv/cron\n");
    await unpackInto(directory);
    expect(await inRoot(directory, ...tree)).toBe(before);
  },
  privateMounts,
);

layerTest(
  "a newer layer leaves a service alone that was enabled or changed",
  async (rig) => {
    using base = await smallRoot(rig.suite, "merged");
    const directory = base.path;
    await unpackInto(directory);
    expect(await inRoot(directory, "ls", "/etc/service", "/etc/service/cron")).toBe(
      "/etc/service:\ncron\nsshd\nupkeep-web\n\n/etc/service/cron:\ndown\nrun",
    );
    await inRoot(directory, "sh", "-c", "rm /etc/service/cron/down; echo own >/etc/service/cron/run");
    await unpackInto(directory);
    expect(await inRoot(directory, "sh", "-c", "ls /etc/service/cron; cat /etc/service/cron/run")).toBe("run\nown");
  },
  privateMounts,
);

layerTest(
  "prepare makes all commands where only /usr/lib/upkeep was copied",
  async (rig) => {
    using base = await smallRoot(rig.suite, "split");
    const directory = base.path;
    await execa("tar", ["-xf", layer, "-C", directory, "usr/lib/upkeep"]);
    expect(await inRoot(directory, "/usr/lib/upkeep/prepare")).toBe("");
    expect(await inRoot(directory, "/sbin/my_init", "--version")).toMatch(/^my_init \d/);
    expect(await inRoot(directory, "sv", "--version")).toMatch(/^sv \d/);
    expect(await inRoot(directory, "ls", "/etc")).toContain("container_environment\n");
    expect(await inRoot(directory, "ls", "/etc/service")).toBe("cron\nsshd\nupkeep-web");
  },
  privateMounts,
);

layerTest(
  "install_clean updates, installs without recommended packages unless told so, and cleans up",
  async (rig) => {
    using base = await smallRoot(rig.suite, "merged");
    const directory = base.path;
    const installClean = join(directory, "usr/sbin/install_clean");
    mkdirSync(join(directory, "var/lib/apt/lists/partial"), { recursive: true });
    copyFileSync(join(repositoryRoot, "image/rootfs/usr/sbin/install_clean"), installClean);
    expect(await inRoot(directory, "install_clean", "cron")).toMatch(/^install_clean: fatal: unable to run apt-get/);
    expect(await inRoot(directory, "install_clean")).toBe("usage: install_clean [--install-recommends] package ...");

    const calls = "/usr/bin/apt-get";
    await execa("sh", ["-c", `printf '%s\\n' "$1" >"$0"; chmod 755 "$0"`, join(directory, calls), aptGet]);
    expect(await inRoot(directory, "install_clean", "cron", "nginx")).toBe(
      "-q -o Acquire::Retries=3 update policy\n" +
        "-q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 install --no-install-recommends cron nginx policy\n" +
        "-q -y -o Dpkg::Use-Pty=0 autoremove policy\nclean policy",
    );
    expect(await inRoot(directory, "ls", "/var/lib/apt/lists", "/usr/sbin")).not.toMatch(/partial|policy/);
    expect(await inRoot(directory, "install_clean", "--install-recommends", "cron")).toContain(
      " install --install-recommends --install-recommends cron ",
    );
  },
  root,
);

/** Prints its arguments, and whether daemons are kept from starting. */
const aptGet = `#!/bin/sh
/usr/sbin/policy-rc.d; [ $? -ne 101 ] || policy=policy
echo "$*" "$policy"`;
