/* my_init in real containers, as their engine sees it. */
import { afterAll, expect } from "vitest";
import { boxTest } from "./rig/boxed.ts";
import { removeImages, tini } from "./rig/podman.ts";
import { waitLimit } from "./rig/until.ts";

afterAll(removeImages, waitLimit);

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
  const container = await box.start({ env: { KILL_PROCESS_TIMEOUT: "60" } });
  await container.shows("web runs\n");
  expect((await container.podman("stop", "--time", "90")).code).toBe(0);
  expect(await container.output()).toBe("one\ntwo\nlocal\nweb runs\nbefore\nweb stops\nafter\n");
  expect(await container.inspect(".State.ExitCode")).toBe("0");
});

boxTest(
  "works below another process 1, as with --init",
  async (box) => {
    box.script("service/web/run", ...service("web"));
    const container = await box.start({ flags: ["--init", "--init-path", "/usr/bin/tini"] });
    await container.shows("web runs\n");
    expect(await container.logs()).toMatch(/Not process 1 but PID \d+: adopting orphans as a subreaper\./);
    expect((await container.podman("stop", "--time", "90")).code).toBe(0);
    expect(await container.output()).toBe("web runs\nweb stops\n");
    expect(await container.inspect(".State.ExitCode")).toBe("0");
  },
  tini,
);
