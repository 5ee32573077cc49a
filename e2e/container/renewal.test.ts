/* my_init, and runsvdir below it, are executed anew in place: the container does not notice. */
import { expect } from "vitest";
import { containerTest, patience } from "../rig/container/namespaced-container.ts";
import { version } from "../rig/core/other-build.ts";
import { childrenOf } from "../rig/process/processes.ts";

const web = ['trap "echo web stops; exit 0" TERM', "echo web runs", "while :; do sleep 1 & wait $!; done"];

containerTest("sv renew renews my_init as process 1, and its main command ends with its code", async (box) => {
  box
    .script("my_init.d/10_one", "echo startup", "echo changed >/etc/container_environment/A")
    .script("service/web/run", ...web)
    .start({
      words: ["--", "sh", "-c", "until [ -e /etc/go ]; do sleep 0.05; done; exit 42"],
      env: { ...patience, A: "given" },
    });
  await box.shows("web runs\n");
  const before = childrenOf(box.processOne());
  for (let round = 0; round < 2; round++) {
    const { code, stdout } = await box.exec(["sv", "renew"]);
    expect(stdout).toMatch(/^ok: renewed: runsvdir: \(pid \d+\) /);
    expect(stdout).toContain(`ok: renewed: my_init: (pid 1) version ${version}, as before\n`);
    expect(code).toBe(0);
  }
  expect(childrenOf(box.processOne())).toEqual(before);
  box.file("go", "");
  expect((await box.ended()).code).toBe(42);
  expect(box.read("container_environment/A")).toBe("changed\n");
  expect(box.output().stdout).toBe("startup\nweb runs\nweb stops\n");
  expect(box.output().stderr).not.toMatch(/warning|unable/);
});

containerTest("a container of services alone stops in order after a renewal", async (box) => {
  box.script("service/web/run", ...web).start({ env: patience });
  await box.shows("web runs\n");
  expect((await box.exec(["sv", "renew"])).code).toBe(0);
  box.signal("SIGTERM");
  expect((await box.ended()).code).toBe(0);
  expect(box.output().stdout).toBe("web runs\nweb stops\n");
});
