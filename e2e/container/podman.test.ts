/* my_init in real containers, as their engine sees it. */
import { beforeAll, expect } from "vitest";
import { boxTest, imageUnderTest } from "../rig/container/base-image.ts";
import { patience } from "../rig/container/namespaced-container.ts";
import { containers, tini } from "../rig/container/images.ts";
import type { PodmanContainer } from "../rig/container/podman.ts";
import { waitLimit } from "../rig/core/until.ts";

// Otherwise one of the tests would have to wait for it.
beforeAll(async () => {
  if (containers === undefined) await imageUnderTest();
}, 5 * waitLimit);

/** Runs `podman stop`, with enough time for all of it. */
async function stop(container: PodmanContainer): Promise<string> {
  expect((await container.podman("stop", "--time", "90")).code).toBe(0);
  return await container.inspect(".State.ExitCode");
}

/** A service that says when it comes and goes; it takes `seconds` to stop. */
function service(name: string, seconds = 0): readonly string[] {
  return [
    `trap 'sleep ${seconds}; echo ${name} stops; exit 0' TERM`,
    `echo ${name} runs`,
    "while :; do sleep 60 & wait $!; done",
  ];
}

boxTest("boots in order, and podman stop ends all in order with 0", async (box) => {
  box
    .script("my_init.d/20_two", "echo two")
    .script("my_init.d/10_one", "echo one")
    .script("rc.local", "echo local")
    .script("service/web/run", ...service("web", 3))
    .script("my_init.pre_shutdown.d/one", "echo before")
    .script("my_init.post_shutdown.d/one", "echo after");
  const container = await box.start({ env: patience });
  await container.shows("web runs\n");
  expect(await stop(container)).toBe("0");
  expect(await container.output()).toBe("one\ntwo\nlocal\nweb runs\nbefore\nweb stops\nafter\n");
});

boxTest("sv renew renews all of a container, its process 1 as well, and podman notices nothing", async (box) => {
  box.script("my_init.d/10_one", "echo one").script("service/web/run", ...service("web"));
  const container = await box.start({ env: patience });
  await container.shows("web runs\n");
  const before = await container.inspect(".State.Pid");
  const { stdout, code } = await container.exec(["sv", "renew"]);
  expect(stdout).toMatch(/^ok: renewed: runsvdir: .*\nok: renewed: my_init: \(pid 1\) /);
  expect(code).toBe(0);
  expect(await container.inspect(".State.Pid")).toBe(before);
  expect(await stop(container)).toBe("0");
  expect(await container.output()).toBe("one\nweb runs\nweb stops\n");
});

boxTest(
  "works below another process 1, as with --init",
  async (box) => {
    box.script("service/web/run", ...service("web"));
    const container = await box.start({ flags: ["--init", "--init-path", "/usr/bin/tini"], env: patience });
    await container.shows("web runs\n");
    expect(await container.logs()).toMatch(/Not process 1 but PID \d+: adopting orphans as a subreaper\./);
    expect(await stop(container)).toBe("0");
    expect(await container.output()).toBe("web runs\nweb stops\n");
  },
  tini,
);

/** runsvdir as the container's command, below tini. */
const belowTini = { flags: ["--init", "--init-path", "/usr/bin/tini"], env: patience } as const;
const runsvdir = (...options: readonly string[]): readonly string[] => ["runsvdir", ...options, "-P", "/etc/service"];

boxTest(
  "runsvdir below another process 1 stops the services with --orderly, and does not without it",
  async (box) => {
    box.script("service/web/run", ...service("web"));
    const orderly = await box.start({ ...belowTini, command: runsvdir("--orderly", "--stop-timeout", "90") });
    await orderly.shows("web runs\n");
    expect(await stop(orderly)).toBe("0");
    expect(await orderly.output()).toBe("web runs\nweb stops\n");
    const plain = await box.start({ ...belowTini, command: runsvdir() });
    await plain.shows("web runs\n");
    await stop(plain);
    expect(await plain.output()).toBe("web runs\n");
  },
  tini,
);

boxTest(
  "runsvdir --orderly below another process 1 ends the container with the code of a critical service",
  async (box) => {
    box
      .script("service/web/run", "echo web runs", "exit 7")
      .file("service/web/restart", "never\n")
      .file("service/web/flag-critical");
    const container = await box.start({ ...belowTini, command: runsvdir("--orderly") });
    expect(await container.ended()).toBe(7);
    expect(await container.output()).toBe("web runs\n");
  },
  tini,
);

boxTest(
  "variables of the engine win over the directory, and what startup files leave there is everybody's",
  async (box) => {
    box
      .file("container_environment/A", "of the directory\n")
      .file("container_environment/B", "of the directory\n")
      .script("my_init.d/one", "printf new >/etc/container_environment/C; rm /etc/container_environment/B")
      .script("service/web/run", 'echo "web: $A ${B-gone} $C"', "exec sleep 60");
    const container = await box.start({ env: { A: "of the engine" } });
    await container.shows("web: of the engine gone new\n");
    const read = await container.exec(["sh", "-c", '. /etc/container_environment.sh; echo "exec: $A ${B-gone} $C"']);
    expect(read.stdout).toBe("exec: of the engine gone new\n");
  },
);

boxTest("the container has the exit code of its main command", async (box) => {
  const codeOf = async (...command: readonly string[]): Promise<number> => {
    const container = await box.start({ words: ["--skip-startup-files", "--skip-runit", "--", ...command] });
    return await container.ended();
  };
  expect(await Promise.all([codeOf("sh", "-c", "exit 7"), codeOf("sh", "-c", "kill -ABRT $$")])).toEqual([7, 134]);
  expect(await Promise.all([codeOf("/no/such"), codeOf("/etc/passwd")])).toEqual([127, 126]);
});

boxTest("a stop reaches the main command and the services, and the code is the main command's", async (box) => {
  box.script("service/web/run", ...service("web"));
  const main = 'trap "echo main stops; exit 5" TERM; echo main runs; while :; do sleep 60 & wait $!; done';
  const container = await box.start({ words: ["sh", "-c", main], env: patience });
  await container.shows("web runs\n");
  await container.shows("main runs\n");
  expect(await stop(container)).toBe("5");
  expect(await container.output()).toMatch(/main stops\nweb stops\n$/);
});

boxTest("a service that ignores TERM is killed in time, and is named", async (box) => {
  box.script("service/web/run", "trap '' TERM", "echo web runs", "while :; do sleep 1; done");
  const container = await box.start({ env: { KILL_PROCESS_TIMEOUT: "10" } });
  await container.shows("web runs\n");
  expect(await stop(container)).toBe("0");
  expect(await container.logs()).toContain("unable to stop web in time, sending kill");
});

boxTest("fifty services write to the container's log, and each of them ends in order", async (box) => {
  const names = Array.from({ length: 50 }, (_, at) => `s${at}`);
  for (const name of names) box.script(`service/${name}/run`, ...service(name));
  const container = await box.start({ env: patience });
  await container.shows(" runs\n", names.length, 3 * waitLimit);
  expect(await stop(container)).toBe("0");
  const lines = (await container.output()).split("\n");
  for (const name of names) expect(lines).toEqual(expect.arrayContaining([`${name} runs`, `${name} stops`]));
  expect(await container.logs()).not.toContain("sending kill");
});

boxTest("sv works in podman exec, and tells the health of the container", async (box) => {
  box.script("service/web/run", ...service("web"));
  const health = ["--health-cmd", "sv status web | grep -q ^run:", "--health-interval", "disable"];
  const container = await box.start({ flags: health, env: patience });
  await container.shows("web runs\n");
  expect((await container.exec(["sv", "-w", "90", "restart", "web"])).stdout).toMatch(
    /^ok: run: web: \(pid \d+\) \d+s\n$/,
  );
  await container.shows("web runs\n", 2);
  expect((await container.podman("healthcheck run")).code).toBe(0);
  expect((await container.exec(["sv", "-w", "90", "stop", "web"])).stdout).toMatch(
    /^ok: down: web: \d+s, normally up\n$/,
  );
  expect((await container.podman("healthcheck run")).code).toBe(1);
});

boxTest("a container whose file systems cannot be written to supervises, logs and is controlled", async (box, rig) => {
  box
    .script("service/web/run", ...service("web"))
    .script("service/web/log/run", "exec sed -u 's/^/logged: /'")
    .script("my_init.d/one", "echo startup");
  const container = await box.start({ flags: ["--read-only"], isReadOnly: true, env: patience });
  await container.shows("logged: web runs\n");
  const running = /^run: web: \(pid \d+\) \d+s; run: log: \(pid \d+\) \d+s\n$/;
  await rig.until("both to be up", async () => running.test((await container.exec(["sv", "status", "web"])).stdout));
  expect((await container.exec(["sv", "-w", "90", "restart", "web"])).code).toBe(0);
  await container.shows("logged: web runs\n", 2);
  expect(await stop(container)).toBe("0");
  expect(await container.output()).toMatch(/^startup\n[^]*logged: web stops\n$/);
});

for (const user of ["1000:1000", "4711"]) {
  boxTest(`a container of user ${user}, whom its system does not know, does the same`, async (box) => {
    box
      .script("service/web/run", 'echo "uid $(id -u)"', ...service("web"))
      .script("service/web/log/run", "exec sed -u 's/^/logged: /'");
    const container = await box.start({ flags: ["--user", user], env: patience });
    await container.shows("logged: web runs\n");
    expect(await container.output()).toContain(`logged: uid ${Number.parseInt(user, 10)}\n`);
    expect((await container.exec(["sv", "-w", "90", "restart", "web"])).code).toBe(0);
    await container.shows("logged: web runs\n", 2);
    expect(await stop(container)).toBe("0");
    expect(await container.output()).toMatch(/logged: web stops\n$/);
    expect(await container.logs()).not.toContain("fatal");
  });
}

boxTest("runsvdir and runsv that are killed come back, and zombies do not stay", async (box) => {
  box.script("service/web/run", ...service("web"));
  const container = await box.start({ words: ["--no-inline", "sleep", "600"], env: patience });
  await container.shows("web runs\n");
  const kill = async (name: string): Promise<void> => {
    const killed = `old=$(pgrep -x ${name}); kill -KILL $old; until pgrep -x ${name} | grep -vx "$old"; do sleep 0.1; done`;
    expect((await container.exec(["sh", "-c", killed])).code).toBe(0);
  };
  await kill("runsv");
  await kill("runsvdir");
  const supervised = "until sv status web | grep ^run:; do sleep 0.1; done";
  expect((await container.exec(["sh", "-c", supervised])).code).toBe(0);
  const storm = "at=0; while [ $at -lt 500 ]; do (sleep 0 &); at=$((at + 1)); done";
  const none = 'until [ "$(ps -e -o stat= | grep -c ^Z)" = 0 ]; do sleep 0.1; done';
  expect((await container.exec(["sh", "-c", `${storm}; ${none}`])).code).toBe(0);
  expect((await container.exec(["sv", "-w", "90", "stop", "web"])).stdout).toMatch(/^ok: down: web: /);
});

boxTest("without a main command the container ends with runsvdir, and says what that died of", async (box) => {
  box.script("service/web/run", ...service("web"));
  const container = await box.start();
  await container.shows("web runs\n");
  await container.exec(["pkill", "-KILL", "-x", "runsvdir"]);
  expect(await container.ended()).toBe(137);
  expect(await container.logs()).toContain("*** runsvdir was killed by signal 9\n");
});

boxTest("a container that was stopped or killed starts again with its services", async (box) => {
  box.script("service/web/run", ...service("web"));
  const container = await box.start({ env: patience });
  await container.shows("web runs\n");
  expect((await container.podman("restart", "--time", "90")).code).toBe(0);
  await container.shows("web runs\n", 2);
  expect((await container.podman("kill", "--signal", "KILL")).code).toBe(0);
  expect(await container.ended()).toBe(137);
  expect((await container.podman("start")).code).toBe(0);
  await container.shows("web runs\n", 3);
  expect(await stop(container)).toBe("0");
  expect((await container.output()).split("web stops\n")).toHaveLength(3);
});
