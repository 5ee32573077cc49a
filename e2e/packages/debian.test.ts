/*
 * The Debian package: on a small Debian, and on one that has runit with running services. And back again.
 */
import { join } from "node:path";
import { repositoryRoot } from "../rig/core/files.ts";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { waitLimit } from "../rig/core/until.ts";
import { removeImages } from "../rig/container/images.ts";
import { packagesFailure } from "../rig/container/packaged-image.ts";
import { PodmanContainer } from "../rig/container/podman.ts";
import { runitImage } from "../rig/container/runit-image.ts";
import { current, next, packagesBuilt } from "../rig/packages/built-packages.ts";
import { CountingServices, type Shell, shellBy } from "../rig/packages/counting-services.ts";

const needs = (await packagesFailure(runitImage)) ?? (await packagesBuilt());
afterAll(removeImages, 5 * waitLimit);

/** A host whose process 1 supervises /etc/service, as the unit of runit-run has it done. */
interface Host extends AsyncDisposable {
  readonly container: PodmanContainer;
  readonly shell: Shell;
  readonly counting: CountingServices;
}

async function startHost(rig: TestRig, prepare = ":"): Promise<Host> {
  // Without a supervisor it stays, so that packages can be removed.
  const script = `${prepare}; mkdir -p /run/runit/supervise; touch /prepared; if [ -e /go ]; then exec runsvdir -P /etc/service; fi; while :; do sleep 1000 & wait; done`;
  const container = await PodmanContainer.run(rig, runitImage.name, {
    flags: ["--volume", `${current.directory}:/now:ro`, "--volume", `${next.directory}:/next:ro`],
    command: ["sh", "-c", script],
  });
  const shell = shellBy((text) => container.exec(["sh", "-c", text]));
  const counting = new CountingServices(shell, "/etc/sv", "/var/log");
  return { container, shell, counting, [Symbol.asyncDispose]: () => container[Symbol.asyncDispose]() };
}

async function prepared(rig: TestRig, { container }: Host): Promise<void> {
  await rig.until(
    "the host to be prepared",
    async () => (await container.exec(["test", "-e", "/prepared"])).code === 0,
  );
}

/** Adds the counting services, and waits until all run and write. */
async function addCounting(rig: TestRig, { shell, counting }: Host): Promise<readonly string[]> {
  await counting.make();
  await shell(counting.paths.map((path) => `update-service --add ${path}`).join(" && "));
  return await counting.toRun(rig);
}

rigTest(
  "a Debian with runit moves over, and no service is restarted",
  [standalone],
  async (rig) => {
    await using host = await startHost(rig, "touch /go");
    const { shell } = host;
    const pids = await addCounting(rig, host);
    await shell("echo '# changed here' >>/etc/sv/svlogd/run");
    const installed = await shell(`dpkg --force-confold -i /now/${current.debian} 2>&1`);
    expect(installed).toContain("Removing runit");
    // Process 1 is the one that is there, and all below it is ours.
    expect(installed).toContain("left alone: runsvdir: (pid 1): it is process 1\n");
    expect(installed.match(/^ok: taken over: counting\d: /gm)).toHaveLength(10);
    expect(await shell("for pid in $(pidof runsv); do readlink /proc/$pid/exe; done | sort | uniq -c")).toMatch(
      /^ *\d+ \/usr\/lib\/upkeep\/upkeep\n$/,
    );
    expect(await shell("sv --version")).toBe(`sv ${current.version}\n`);
    await host.counting.expectUntouched(rig, pids);
    // What an administrator has changed stays, and so do the packages that need runit.
    expect(await shell("tail -n 1 /etc/sv/svlogd/run")).toBe("# changed here\n");
    expect(
      await shell("dpkg --audit; dpkg-query -W -f '${db:Status-Abbrev}${Package}\\n' runit-run runit-services"),
    ).toBe("ii runit-run\nii runit-services\n");
    expect(await shell("sv status counting0")).toMatch(/^run: counting0: \(pid \d+\) \d+s; run: log: /);
    await rig.until("the service of the package to be back", async () =>
      (await host.container.exec(["sv", "status", "default-syslog"])).stdout.startsWith("run: "),
    );
    // The removal of all that runit had must not take the scan directory along.
    await shell("dpkg --purge runit 2>&1");
    expect(await shell("readlink /etc/runit/runsvdir/current")).toBe("/etc/runit/runsvdir/default\n");
    await host.counting.expectUntouched(rig, pids);
    expect(await shell("sv restart counting0")).toMatch(/^ok: run: counting0: /);
    expect(await shell("sv stop counting0 && update-service --remove /etc/sv/counting0")).toContain(
      "Service counting0 removed",
    );
    expect(await shell("update-service --list counting1")).toBe("counting1 -> /etc/sv/counting1\n");
  },
  { needs },
);

rigTest(
  "services that packages bring for runit appear, and are put down when their program is gone",
  [standalone],
  async (rig) => {
    await using host = await startHost(rig, "touch /go");
    const { shell } = host;
    await shell(`apt-get install --yes /now/${current.debian} 2>&1`);
    // As if cron were installed only now, and had runit never been there.
    await shell("rm -r /etc/sv/cron /etc/runit/runsvdir/default/cron");
    await shell("dpkg-trigger --by-package=cron --no-await /usr/sbin && dpkg --configure --pending 2>&1");
    expect(await shell("cpsv l")).toContain("[i]: cron\n");
    expect(await shell("readlink /etc/runit/runsvdir/default/cron /etc/sv/cron/supervise")).toBe(
      "/etc/sv/cron\n/run/runit/supervise/cron\n",
    );
    const status = async (): Promise<string> => (await host.container.exec(["sv", "status", "cron"])).stdout;
    await rig.until("cron to run", async () => (await status()).startsWith("run: cron: "));
    await shell("echo '# changed' >>/etc/sv/cron/run");
    expect(await shell("cpsv l")).toContain("[l]: cron\n");
    expect((await host.container.exec(["cpsv", "d", "cron"])).stdout).toContain("\n+# changed\n");
    expect((await host.container.exec(["cpsv", "a", "cron"])).stderr).toBe(
      "cpsv: warning: cron was changed here and stays as it is; -f overwrites it\n",
    );
    await shell("cpsv -f a cron && mv /usr/sbin/cron /usr/sbin/cron.gone && sv restart cron || :");
    await rig.until("cron to be down", async () => /^down: cron: .*normally up/.test(await status()));
    await shell("dpkg-trigger --by-package=cron --no-await /usr/sbin && dpkg --configure --pending 2>&1");
    expect((await host.container.exec(["readlink", "/etc/runit/runsvdir/default/cron"])).code).toBe(1);
  },
  { needs },
);

rigTest(
  "an upgrade and a downgrade renew the supervisors, and no service is restarted",
  [standalone],
  async (rig) => {
    await using host = await startHost(rig, "touch /go; dpkg -i /now/*.deb");
    const { shell } = host;
    await prepared(rig, host);
    const pids = await addCounting(rig, host);
    await shell("cp /usr/lib/upkeep/upkeep /srv/sv");
    const upgraded = await shell(`dpkg -i /next/${next.debian} 2>&1`);
    expect(upgraded).toContain(`ok: renewed: runsvdir: (pid 1) version ${next.version}, before ${current.version}\n`);
    await host.counting.expectUntouched(rig, pids);
    // The older sv controls the newer runsv, and the newer one reads what the older one has written.
    expect(await shell("/srv/sv status counting0")).toMatch(/^run: counting0: \(pid \d+\) \d+s; run: log: /);
    expect(await shell("/srv/sv restart counting0 && sv show --json counting0")).toMatch(
      /^ok: run: counting0: [^]*"starts": ?2/,
    );
    // The log of the one that was restarted counts anew, so the others show the downgrade.
    const others = host.counting.without(0);
    const later = await others.pids();
    const logger = await shell("cat /etc/sv/counting0/supervise/pid /etc/sv/counting0/log/supervise/pid");
    await shell("cp /usr/lib/upkeep/upkeep /srv/newer && mkdir /srv/newer.d && mv /srv/newer /srv/newer.d/sv");
    const downgraded = await shell(`dpkg -i /now/${current.debian} 2>&1`);
    expect(downgraded).toContain(`ok: renewed: runsvdir: (pid 1) version ${current.version}, before ${next.version}\n`);
    await others.expectUntouched(rig, later);
    expect(await shell("cat /etc/sv/counting0/supervise/pid /etc/sv/counting0/log/supervise/pid")).toBe(logger);
    // And the newer sv controls the older runsv.
    expect(await shell("/srv/newer.d/sv --version && /srv/newer.d/sv restart counting1")).toMatch(
      new RegExp(`^sv ${next.version}\nok: run: counting1: `),
    );
    const rest = others.without(1);
    await rest.expectUntouched(rig, await rest.pids());
    expect(await shell("sv show --json counting0")).toMatch(/"starts": ?2/);
  },
  { needs },
);

rigTest(
  "runit takes its place again, and no service is restarted",
  [standalone],
  async (rig) => {
    await using host = await startHost(rig, "touch /go; dpkg -i /now/*.deb");
    const { shell } = host;
    await prepared(rig, host);
    const pids = await addCounting(rig, host);
    await shell("apt-get install --yes /srv/runit_*.deb 2>&1");
    await host.counting.expectUntouched(rig, pids);
    expect(await shell("sv status counting0")).toMatch(/^run: counting0: \(pid \d+\) \d+s; run: log: /);
    await shell("dpkg --purge upkeep 2>&1");
    expect(await shell("readlink -f /etc/service; dpkg --audit")).toBe("/etc/runit/runsvdir/default\n");
    await host.counting.expectUntouched(rig, pids);
  },
  { needs },
);

/** All files but those in which dpkg notes what it does. */
const listing = `find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run/runit -o -path /var/lib/dpkg -o -path /var/log/dpkg.log \
 -o -path /var/cache \\) -prune -o -print | sort; cat /etc/passwd /etc/group; dpkg-divert --list`;

rigTest(
  "on a Debian without runit a service starts, crashes, restarts, logs and stops, and purge leaves nothing",
  [standalone],
  async (rig) => {
    await using host = await startHost(rig, "dpkg --purge runit-services runit-run runit; rm -r /etc/sv");
    const { shell } = host;
    await prepared(rig, host);
    // The user of its logs.
    await shell("userdel _runit-log; userdel runit-log; rm -rf /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-");
    const before = await shell(listing);
    // The images of the tests leave out pages and documents; here they come, and have to go.
    const all = "--path-include='/usr/share/doc/*' --path-include='/usr/share/man/*'";
    await shell(`dpkg ${all} -i /now/${current.debian} 2>&1`);
    await shell("mkdir -p /run/runit/supervise; setsid runsvdir -P /etc/service >/dev/null 2>&1 &");
    const [, , pid] = await addCounting(rig, host);
    await shell(`kill -KILL ${pid}`);
    await rig.until(
      "the service to be restarted",
      async () => (await shell("sv list --json")).match(/"starts": ?2/) !== null,
    );
    expect(await shell("sv restart counting2")).toMatch(/^ok: run: counting2: /);
    expect(await shell("sv stop counting2")).toMatch(/^ok: down: counting2: /);
    expect(await shell("sv completion bash | diff - /usr/share/bash-completion/completions/sv")).toBe("");
    expect(await shell("ls /usr/share/man/man8/sv.8.gz /usr/share/doc/upkeep/README.md")).not.toBe("");
    await shell(
      "pkill -HUP runsvdir; while pgrep -x 'runsv|runsvdir|svlogd'; do sleep 0.1; done; rm -r /etc/sv/counting* /etc/service/counting* /var/log/counting*",
    );
    expect(await shell("mkdir -p /run/upkeep && ls /dev/shm")).toBe("upkeep-svlogd-0\n");
    await shell("dpkg --purge upkeep 2>&1");
    await shell("rm -rf /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-");
    expect(await shell(listing)).toBe(before);
    expect(await shell("ls -d /run/upkeep /dev/shm/upkeep-svlogd-0 2>/dev/null || :")).toBe("");
  },
  { needs },
);

rigTest(
  "purge below supervisors leaves them and their services alone, and after them it leaves nothing",
  [standalone],
  async (rig) => {
    await using host = await startHost(
      rig,
      "dpkg --purge runit-services runit-run runit; dpkg -i /now/*.deb; touch /go",
    );
    const { shell } = host;
    await prepared(rig, host);
    const pids = await addCounting(rig, host);
    // What supervisors and loggers have outside of the directories of services.
    const outside = "ls -d /run/upkeep /dev/shm/upkeep-svlogd-0 2>/dev/null || :";
    await shell("mkdir -p /run/upkeep");
    const had = await shell(outside);
    const purged = await shell("dpkg --purge upkeep 2>&1");
    expect(purged).toContain("upkeep: supervisors are running, and go on until they are ended; /run/upkeep stays\n");
    expect(await shell(outside)).toBe(had);
    await host.counting.expectUntouched(rig, pids);
    // It is installed again, and controls them; then nothing runs any more.
    await shell(`dpkg -i /now/${current.debian} 2>&1`);
    await host.counting.expectUntouched(rig, pids);
    expect(await shell("sv restart counting0")).toMatch(/^ok: run: counting0: /);
  },
  { needs },
);

/** What `dpkg-deb --contents` lists: mode, owner, path and target. */
async function contents(file: string): Promise<readonly string[]> {
  const { stdout } = await execa("dpkg-deb", ["--contents", file], { env: { LC_ALL: "C" } });
  return stdout.split("\n").map((line) => line.replace(/^(\S+ \S+) +\d+ \S+ \S+ \.\//, "$1 "));
}

const documents = "usr/share/doc/upkeep/";

test(
  "the package holds every page, document and example of the repository, and besides what the golden list has",
  { skip: needs !== undefined, meta: needs === undefined ? {} : { skipReason: needs } },
  async () => {
    const listed = await contents(join(current.directory, current.debian));
    const words = ["ls-files", "--cached", "--others", "--exclude-standard", "docs", "examples", "man"];
    const { stdout } = await execa("git", ["-c", `safe.directory=${repositoryRoot}`, ...words], {
      cwd: repositoryRoot,
    });
    const repository = stdout.split("\n").map((path) => {
      const manual = /^man\/(.*\.([18]))$/.exec(path);
      return manual === null ? `${documents}${path}` : `usr/share/man/man${manual[2]}/${manual[1]}.gz`;
    });
    const pathOf = (line: string): string => line.split(" ")[2] ?? "";
    expect(repository.filter((path) => !listed.some((line) => pathOf(line) === path))).toEqual([]);
    const rest = listed.filter((line) => {
      const path = pathOf(line);
      return !repository.includes(path) && !(path.endsWith("/") && repository.some((file) => file.startsWith(path)));
    });
    await expect(`${rest.toSorted().join("\n")}\n`).toMatchFileSnapshot(
      join(import.meta.dirname, "debian-contents.txt"),
    );
  },
);

const lintian = needs ?? program("lintian", "lintian");

test(
  "lintian finds no error, and no warning that has no reason",
  { skip: lintian !== undefined, meta: lintian === undefined ? {} : { skipReason: lintian } },
  async () => {
    const words = [
      "--allow-root",
      "--profile",
      "debian",
      "--fail-on",
      "error,warning",
      join(current.directory, current.debian),
    ];
    const { stdout, failed } = await execa("lintian", words, { reject: false });
    expect(stdout).not.toMatch(/^[EW]: /m);
    expect(failed).toBe(false);
  },
);
