/* Containers of the layer on a Debian with nginx, cron and sshd: its services, and the image of examples/image. */
import { execa } from "execa";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { repositoryRoot } from "../rig/core/files.ts";
import { afterAll, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { imageUnderTest } from "../rig/container/base-image.ts";
import { daemonsFailure, daemonsImage } from "../rig/container/daemons-image.ts";
import { baseImage, buildImage, containers, ownImage, removeImages, sharedImage } from "../rig/container/images.ts";
import { podman, PodmanContainer } from "../rig/container/podman.ts";
import { standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { waitLimit } from "../rig/core/until.ts";

const example = join(repositoryRoot, "examples/image");

const daemons = await daemonsFailure();

/** Puts the layer on a base, like image/Containerfile. */
const onDaemonsImage = (): Promise<string> =>
  sharedImage("on-daemons", {
    from: daemonsImage,
    tar: join(repositoryRoot, "dist/image/upkeep-layer.tar"),
    lines: ['RUN ["/usr/lib/upkeep/prepare"]', "STOPSIGNAL SIGTERM", 'CMD ["/sbin/my_init"]'],
  });

afterAll(removeImages, waitLimit);

function serviceTest(title: string, run: (image: string, rig: TestRig) => Promise<void>): void {
  rigTest(title, [standalone], async (rig) => await run(await onDaemonsImage(), rig), {
    needs: containers ?? daemons,
  });
}

/** Runs commands of sh in a container; returns what they print. */
async function sh(container: PodmanContainer, ...lines: readonly string[]): Promise<string> {
  const { stdout, stderr } = await container.exec(["sh", "-c", lines.join("\n")]);
  return `${stdout}${stderr}`;
}

/** What a server at a port of the container answers to a line. A small Debian has no other client than bash. */
async function answer(container: PodmanContainer, port: number, line: string, bytes = 4096): Promise<string> {
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf '%b' "$0" >&3; head -c ${bytes} <&3`;
  return (await container.exec(["bash", "-c", script, line])).stdout;
}

serviceTest("cron and sshd run once they are enabled, and what they log reaches podman logs", async (image, rig) => {
  const enabled = await buildImage("enabled", {
    from: image,
    lines: [
      "RUN rm /etc/service/cron/down /etc/service/sshd/down && rm -f /etc/ssh/ssh_host_*",
      String.raw`RUN printf '@reboot root logger -t job "is done"\n' >/etc/cron.d/job`,
      String.raw`RUN printf '#!/bin/sh\nlogger -t late "is the last"\n' >/etc/my_init.post_shutdown.d/late`,
      "RUN chmod 755 /etc/my_init.post_shutdown.d/late",
    ],
  });
  await using container = await PodmanContainer.run(rig, enabled);
  await container.shows("user.notice: job: is done\n");
  expect(await container.logs()).toMatch(/^cron\.info: CRON\[\d+\]: \(root\) CMD \(logger -t job "is done"\)$/m);
  expect(await container.logs()).toContain("No SSH host keys yet, making some\n");
  await rig.until("a greeting of sshd", async () => (await answer(container, 22, "", 8)) === "SSH-2.0-");
  expect((await container.podman("stop", "--time", "90")).code).toBe(0);
  expect(await container.logs()).toContain("user.notice: late: is the last\n");
  expect(await container.inspect(".State.ExitCode")).toBe("0");
});

rigTest(
  "services of daemons that are not installed say so once and are down again",
  [standalone],
  async (rig) => {
    await using container = await PodmanContainer.run(rig, await imageUnderTest());
    for (const name of ["cron", "sshd"]) {
      const status = async (): Promise<string> => await sh(container, `sv status ${name}`);
      await rig.until(`runsv ${name}`, async () => (await status()).startsWith("down: "));
      await sh(container, `sv -w 0 up ${name}`);
      await container.shows(`${name}: fatal: unable to start ${name}: not installed`);
      await rig.until(`${name} to be down`, async () => /^down: \w+: \d+s\n$/.test(await status()));
      expect((await container.logs()).split(`${name}: fatal:`)).toHaveLength(2);
    }
  },
  { needs: containers },
);

serviceTest("syslog is left to others, or alone, where that is wished", async (image, rig) => {
  await using container = await PodmanContainer.run(rig, image, { flags: ["--env", "DISABLE_SYSLOG=1"] });
  await container.shows("Runit started as PID");
  expect(await sh(container, "ls /dev/log")).toContain("No such file");
});

serviceTest("setuser becomes the user with groups and variables, for podman exec as well", async (image, rig) => {
  await using container = await PodmanContainer.run(rig, image);
  expect(await sh(container, "setuser www-data sh -c 'id -un; id -gn; echo $HOME $USER'")).toBe(
    "www-data\nwww-data\n/var/www www-data\n",
  );
});

serviceTest("the example serves, works, reports, tells its health, and stops in order", async (image, rig) => {
  const name = ownImage("example");
  const context = exampleWithoutInstallation(rig);
  const words = ["--isolation", "chroot", "--build-arg", `UPKEEP=${image}`, "--tag", name, "--file", context];
  const built = await podman(["build", "--quiet", "--format", "docker", ...words, example]);
  expect(built.code, built.stderr).toBe(0);
  await using container = await PodmanContainer.run(rig, name, {
    flags: ["--health-interval", "disable", "--env", "REPORT_INTERVAL=1"],
  });
  const get = async (path: string): Promise<string> =>
    await answer(container, 8080, String.raw`GET ${path} HTTP/1.0\r\n\r\n`);

  await rig.until("the web server", async () => (await get("/")).includes("a periodic job in one container"));
  await sh(container, "echo an order >/var/spool/orders/first");
  await rig.until("the worker", async () => (await get("/results/first")).endsWith("\r\n\r\nAN ORDER\n"));
  // The first report comes at the start; a later one counts the result.
  await rig.until("the periodic job", async () => /\d\dZ\n1\n$/.test(await get("/report.txt")));
  const health = async (): Promise<number | undefined> => (await container.podman("healthcheck run")).code;
  await rig.until("health", async () => (await health()) === 0);
  // A service that is wanted down is not unhealthy; one that cannot be started is.
  await sh(container, "mv /usr/local/bin/worker /tmp; sv term worker");
  await rig.until("the worker's end to be noticed", async () => (await health()) === 1);
  await container.shows("worker | stopped\n");

  expect((await container.podman("stop", "--time", "90")).code).toBe(0);
  expect(await container.inspect(".State.ExitCode")).toBe("0");
  expect(await container.logs()).toContain('"GET /results/first HTTP/1.0" 200');
});

rigTest(
  "the script makes an image of a base, and one of the layer alone, which COPY puts on another base",
  [standalone],
  async (rig) => {
    const made = await runScript("--base", baseImage, "--tag", ownImage("made"));
    const format = '{{.Config.StopSignal}} {{.Config.Cmd}} {{index .Labels "org.opencontainers.image.title"}}';
    const { stdout } = await podman(["image", "inspect", "--format", format, made]);
    expect(stdout).toBe("SIGTERM [/sbin/my_init] upkeep\n");

    const layer = await runScript("--target", "layer", "--tag", ownImage("layer-alone"));
    const copied = await buildImage("copied", { lines: [`COPY --from=${layer} / /`, 'CMD ["/sbin/my_init"]'] });
    for (const image of [made, copied]) {
      await using container = await PodmanContainer.run(rig, image);
      await container.shows("Runit started as PID");
      expect(
        await sh(container, "readlink /sbin; stat -c %a /etc/container_environment /etc/container_environment.sh"),
      ).toBe("usr/sbin\n700\n640\n");
      expect((await container.podman("stop", "--time", "90")).code).toBe(0);
    }
    await expect(runScript("--tag", ownImage("none"), "--engine", "podman --no-such-option")).rejects.toThrow(
      "unable to build the image with podman:",
    );
  },
  { needs: containers },
);

/** Runs scripts/image.ts, like `npm run image`, with what podman needs here. The last word is the image's name. */
async function runScript(...words: readonly string[]): Promise<string> {
  const path = [join(repositoryRoot, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const engine = words.includes("--engine") ? [] : ["--engine", "podman --runtime runc"];
  const all = ["scripts/image.ts", ...engine, "--build-option=--isolation=chroot", ...words];
  await execa("node", all, { cwd: repositoryRoot, env: { PATH: path }, stdin: "ignore" });
  return words.at(-1) ?? "";
}

/** What it installs is in the base already; installing it from the network is another test's. Returns the Containerfile's path. */
function exampleWithoutInstallation(rig: TestRig): string {
  const text = readFileSync(join(example, "Containerfile"), "utf8");
  expect(text).toContain("\nRUN install_clean nginx-light\n");
  const path = rig.path("Containerfile");
  writeFileSync(path, text.replace("RUN install_clean nginx-light\n", ""));
  return path;
}
