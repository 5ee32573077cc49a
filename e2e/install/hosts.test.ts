/*
 * `upkeep install` on real hosts: systemd, OpenRC, sysvinit and BusyBox as process 1 of a container, or below it. Each
 * starts runsvdir, starts it again when it is killed, while its service goes on, and stops all of it.
 */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { FileTree } from "../rig/core/file-tree.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { baseImage, containers, ownImage, removeImages } from "../rig/container/images.ts";
import { inits } from "../rig/container/inits-image.ts";
import { packagesFailure } from "../rig/container/packaged-image.ts";
import { type Answer, demand, PodmanContainer } from "../rig/container/podman.ts";
import { standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { waitLimit } from "../rig/core/until.ts";

const needs = await packagesFailure(inits);
const layer = join(repositoryRoot, "dist/image/upkeep-layer.tar");
afterAll(removeImages, 5 * waitLimit);

/** A host of one kind. */
interface Host {
  readonly title: string;
  /** The words of `upkeep install`, in which "$1" is the scan directory. */
  readonly words: string;
  /** Default: /etc/service. */
  readonly directory?: string;
  /** Process 1, and its options of podman. */
  readonly command: readonly string[];
  readonly flags?: readonly string[];
  /** A command that succeeds when the host has booted. */
  readonly booted: string;
  /** What has a new version take over; default: `sv renew`. */
  readonly reload?: string;
  /** What an operator types to prepare the host for the test. */
  readonly prepare?: string;
}

const hosts: readonly Host[] = [
  {
    title: "systemd",
    words: "--systemd",
    command: ["/lib/systemd/systemd"],
    flags: ["--systemd=always", "--cap-add", "SYS_ADMIN"],
    reload: "systemctl reload upkeep",
    booted: "systemctl is-system-running --wait",
  },
  {
    title: "systemd, another directory with odd characters",
    words: '--systemd "$1"',
    directory: '/srv/50% "my" $HOME',
    command: ["/lib/systemd/systemd"],
    flags: ["--systemd=always", "--cap-add", "SYS_ADMIN"],
    reload: 'systemctl reload "$(basename /etc/systemd/system/upkeep-*.service)"',
    booted: "systemctl is-system-running --wait",
  },
  {
    title: "OpenRC",
    words: "--openrc",
    command: ["sleep", "infinity"],
    booted: "true",
    reload: "rc-service upkeep reload",
    // As if OpenRC had booted the host.
    prepare: "mkdir -p /run/openrc && touch /run/openrc/softlevel",
  },
  {
    title: "sysvinit",
    words: "--sysv",
    command: ["/sbin/init"],
    booted: "runlevel | grep 2",
  },
  {
    title: "BusyBox",
    words: "--sysv",
    command: ["sh", "-c", "printf '::sysinit:/bin/true\\n' >/etc/inittab; exec busybox init"],
    booted: "pgrep -f '^busybox init'",
  },
];

/** The host, as its operator sees it. */
class Machine {
  readonly #rig: TestRig;
  readonly #container: PodmanContainer;
  readonly #directory: string;

  constructor(rig: TestRig, container: PodmanContainer, directory: string) {
    this.#rig = rig;
    this.#container = container;
    this.#directory = directory;
  }

  /** A command line, in which "$1" is the scan directory. */
  async type(command: string): Promise<Answer> {
    return await this.#container.exec(["sh", "-c", command, "sh", this.#directory]);
  }

  /** Fails with what was said. */
  async run(command: string): Promise<string> {
    const { code, stdout, stderr } = await this.type(command);
    expect({ command, code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  }

  /** Types what `upkeep install` and `uninstall` say. */
  async follow(said: string): Promise<void> {
    const [, next = ""] = said.split("next:\n");
    expect(next).not.toBe("");
    for (const line of next.trim().split("\n")) await this.type(line);
  }

  /** Waits until the command succeeds; what it prints. */
  async until(what: string, command: string, accepts: (stdout: string) => boolean = () => true): Promise<string> {
    let last = "";
    await this.#rig.until(what, async () => {
      const { code, stdout } = await this.type(command);
      last = stdout;
      return code === 0 && accepts(stdout);
    });
    return last;
  }
}

/** A service that tells its PATH. It appears all at once. */
const makeService = `mkdir "$1/.app" &&
printf '#!/bin/sh\\necho "$PATH" >/path\\nexec sleep 86400\\n' >"$1/.app/run" &&
chmod +x "$1/.app/run" && mv "$1/.app" "$1/app"`;

const status = 'sv status "$1/app"';
const runs = (stdout: string): boolean => stdout.startsWith("run: ");
const pidOf = (stdout: string): string => /\(pid (\d+)\)/.exec(stdout)?.[1] ?? "";

for (const { title, words, directory = "/etc/service", command, flags = [], booted, prepare, reload } of hosts) {
  rigTest(
    `${title} starts runsvdir, starts it again, and stops it`,
    [standalone],
    async (rig) => {
      const volume = ["--volume", `${standalone.bin}:/usr/local/bin:ro`];
      await using container = await PodmanContainer.run(rig, inits.name, { flags: [...volume, ...flags], command });
      const machine = new Machine(rig, container, directory);
      await machine.until("a host that has booted", booted);
      if (prepare !== undefined) await machine.run(prepare);

      const said = await machine.run(`upkeep install ${words}`);
      await machine.run(makeService);
      await machine.follow(said);
      const pid = pidOf(await machine.until("a service that runs", status, runs));
      expect(await machine.run("cat /path")).toMatch(/^(?:\S+:)?\/usr\/local\/bin:/);

      const supervisor = await machine.run("pgrep -x runsvdir");
      await machine.run(`kill -KILL ${supervisor}`);
      await machine.until("another runsvdir", "pgrep -x runsvdir", (stdout) => stdout !== supervisor);
      expect(pidOf(await machine.until("the adopted service", status, runs))).toBe(pid);

      const renewed = await machine.run("pgrep -x runsvdir");
      await machine.run(reload ?? 'sv renew "$1"');
      expect(await machine.run("pgrep -x runsvdir")).toBe(renewed);
      expect(pidOf(await machine.until("the same service", status, runs))).toBe(pid);

      // A second time, both change nothing.
      expect(await machine.run(`upkeep install ${words}`)).not.toMatch(/^made/m);
      await machine.follow(await machine.run(`upkeep uninstall ${words}`));
      await machine.until("no service and no supervisor", "! pgrep -x runsvdir && ! pgrep -f '^sleep 86400'");
      expect(await machine.run(`upkeep uninstall ${words}`)).not.toMatch(/^removed/m);
    },
    { needs },
  );
}

rigTest(
  "the Containerfile of --container makes an image that runs the services",
  [standalone],
  async (rig) => {
    const context = new FileTree(rig, "context");
    context.script("service/app/run", "echo here", "exec sleep 86400");
    const cwd = context.inside();
    const said = await rig.run("upkeep-install", ["--container"], { cwd });
    expect(said).toMatchObject({ code: 0, stderr: "" });
    cpSync(layer, context.inside("upkeep-layer.tar"));
    const tag = ownImage("install");
    const words = ["build", "--quiet", "--isolation", "chroot", "--build-arg", `BASE=${baseImage}`, "--tag", tag, cwd];
    await demand(words);
    await using container = await PodmanContainer.run(rig, tag);
    await container.shows("app | here\n");
    expect((await container.exec(["sv", "health"])).code).toBe(0);
  },
  { needs: containers },
);
