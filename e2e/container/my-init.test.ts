import { mkdirSync, statSync, symlinkSync } from "node:fs";
import { expect } from "vitest";
import { containerTest, patience } from "../rig/container/namespaced-container.ts";
import { besideProcessOne } from "../rig/container/namespaces.ts";
import { withMounts } from "../rig/core/needs.ts";
import { nobody, user } from "../rig/process/under.ts";
import { waitLimit } from "../rig/core/until.ts";

/** No startup files and no services: the main command alone. */
const bare = ["--skip-startup-files", "--skip-runit", "--"] as const;

containerTest(
  "startup files run in order, and what they leave in the directory is everybody's variable",
  async (box) => {
    box
      .script(
        "my_init.d/10_one",
        'echo "one $HOME $A $B"',
        "echo new >/etc/container_environment/C",
        "rm /etc/container_environment/B",
      )
      .script("my_init.d/20_two", 'echo "two $HOME $A ${B-gone} $C"')
      .file("my_init.d/30_plain", "#!/bin/sh\necho plain\n")
      .script("rc.local", "echo local")
      .file("container_environment/A", "file\n")
      .file("container_environment/B", "b");
    const { code, stdout } = await box.run({
      words: ["--", "sh", "-c", 'echo "main $HOME $A ${B-gone} $C $D"'],
      env: { A: "given", D: "it's", HOME: "/home/x" },
    });
    expect(stdout).toBe("one /home/x given b\ntwo /home/x given gone new\nlocal\nmain /home/x given gone new it's\n");
    expect(code).toBe(0);
    expect(box.read("container_environment/D")).toBe("it's");
    expect(box.read("container_environment.sh")).toContain(`export D='it'"'"'s'\n`);
    expect(JSON.parse(box.read("container_environment.json"))).toMatchObject({ C: "new", HOME: "/home/x" });
    for (const name of ["sh", "json"]) {
      expect(statSync(box.inside(`container_environment.${name}`)).mode & 0o7777).toBe(0o640);
    }
  },
);

containerTest("files with all variables keep the rights that somebody gave them", async (box) => {
  box.file("container_environment.sh", "", 0o644).file("container_environment.json", "", 0o604);
  expect((await box.run({ words: [...bare, "true"] })).code).toBe(0);
  expect(statSync(box.inside("container_environment.sh")).mode & 0o7777).toBe(0o644);
  expect(statSync(box.inside("container_environment.json")).mode & 0o7777).toBe(0o604);
  expect(box.read("container_environment.sh")).toContain("export PATH=");
});

containerTest("HOME comes from the user database where nobody has set it", async (box) => {
  const words = [...bare, "sh", "-c", "echo $HOME"];
  expect((await box.run({ words, env: { HOME: undefined } })).stdout).toBe("/root\n");
});

containerTest("the exit code is the main command's, or 128 and its signal", async (box) => {
  const codeOf = async (...command: readonly string[]): Promise<unknown> =>
    (await box.run({ words: [...bare, ...command] })).code;
  expect(await codeOf("sh", "-c", "exit 3")).toBe(3);
  expect(await codeOf("sh", "-c", "kill -ABRT $$")).toBe(134);
  expect(await codeOf("/no/such")).toBe(127);
  expect(await codeOf("/etc/passwd")).toBe(126);
});

containerTest("a startup file that fails ends the container with its code", async (box) => {
  const { code, stderr } = await box.script("my_init.d/fails", "exit 42").run();
  expect(stderr).toContain("*** /etc/my_init.d/fails failed with status 42\n");
  expect(code).toBe(42);
});

containerTest("services run, HUP ends nobody, and TERM stops all in order with 0", async (box) => {
  box
    .script(
      "service/web/run",
      'trap "echo web stops; exit 0" TERM',
      "echo web runs",
      "while :; do sleep 1 & wait $!; done",
    )
    .script("my_init.pre_shutdown.d/one", "echo before")
    .script("my_init.post_shutdown.d/one", "echo after")
    .start();
  await box.shows("web runs\n");
  box.signal("SIGHUP");
  box.signal("SIGTERM");
  const { code, stdout } = await box.ended();
  expect(stdout).toBe("web runs\nbefore\nweb stops\nafter\n");
  expect(code).toBe(0);
});

containerTest("a main command runs beside the services, and its end stops them", async (box) => {
  box.script(
    "service/web/run",
    'trap "echo web stops; exit 0" TERM',
    "touch /etc/up",
    "while :; do sleep 1 & wait $!; done",
  );
  const { code, stdout } = await box.run({ words: ["sh", "-c", "until [ -e /etc/up ]; do sleep 0.1; done; exit 9"] });
  expect(stdout).toBe("web stops\n");
  expect(code).toBe(9);
});

containerTest("a service that ignores TERM is killed in the time that was asked for", async (box) => {
  box.script("service/web/run", "trap '' TERM", "echo web runs", "while :; do sleep 1; done");
  box.start({ env: { KILL_PROCESS_TIMEOUT: "10" } });
  await box.shows("web runs\n");
  box.signal("SIGTERM");
  const { code, stderr } = await box.ended();
  expect(stderr).toContain("unable to stop web in time, sending kill");
  expect(code).toBe(0);
});

containerTest("whoever is still alive is named, and killed in the end", async (box) => {
  const { code, stderr } = await box.run({
    words: [...bare, "perl", "-e", "$SIG{TERM}='IGNORE'; fork or exec 'sleep', 60; exit 6"],
    env: { KILL_ALL_PROCESSES_TIMEOUT: "12" },
  });
  expect(stderr).toMatch(/^\*\*\* Waiting for sleep \(PID \d+\)$/m);
  expect(code).toBe(6);
});

containerTest("signals are passed to the main command, whose answer to TERM is the exit code", async (box) => {
  const names = ["HUP", "USR1", "USR2", "WINCH", "QUIT", "ALRM", "CONT", "PWR"];
  const traps = names.map((name) => `trap "echo got ${name}" ${name}`);
  const main = [...traps, 'trap "exit 5" TERM', "echo up", "while :; do sleep 0.1; done"].join("; ");
  box.start({ words: [...bare, "sh", "-c", main], env: patience });
  await box.shows("up\n");
  for (const name of names) {
    box.signal(`SIG${name}` as NodeJS.Signals);
    await box.shows(`got ${name}\n`);
  }
  box.signal("SIGTERM");
  expect((await box.ended()).code).toBe(5);
});

containerTest("2000 orphans beside 2000 children lose nothing", async (box) => {
  box.script("child", "sleep 0 &", "echo child");
  mkdirSync(box.inside("my_init.d"));
  for (let at = 0; at < 2000; at++) symlinkSync("../child", box.inside("my_init.d", String(at)));
  const count = `until [ "$(ps -e -o stat= | grep -c ^Z)" = 0 ]; do sleep 0.1; done; echo none left; exit 8`;
  box.start({ words: ["--quiet", "--skip-runit", "--", "sh", "-c", count] });
  const { code, stdout } = await box.ended(3 * waitLimit);
  expect(stdout.split("child\n")).toHaveLength(2001);
  expect(stdout).toMatch(/none left\n$/);
  expect(code).toBe(8);
});

containerTest("below another process it adopts orphans, says so, and ends nobody but its own", async (box, rig) => {
  const mounts = withMounts(`--bind ${box.inside()} /etc`);
  const main = `pid=$(sleep 60 >/dev/null & echo $!); [ $(ps -o ppid= -p $pid) = $PPID ] && echo adopted; exit 4`;
  const script = `sleep 61 & "$@"; code=$?; kill -0 $! && echo neighbour lives; kill $!; wait; pgrep -x sleep || echo orphan gone; exit $code`;
  const { code, stdout, stderr } = await rig.run("my_init", [...bare, "sh", "-c", main], {
    under: [...besideProcessOne, ...mounts, "sh", "-c", script, "sh"],
  });
  expect(stderr).toMatch(/\*\*\* Not process 1 but PID \d+: adopting orphans as a subreaper\.\n/);
  expect(stdout).toMatch(/^adopted\nneighbour lives\norphan gone\n$/);
  expect(code).toBe(4);
});

containerTest("a user whom nobody knows, a read-only root and a missing directory are no obstacles", async (box) => {
  const words = [...bare, "sh", "-c", 'echo "$(id -u) $HOME $A"; exit 3'];
  const strange = { words, env: { HOME: undefined, A: "given" }, under: user(4711, nobody) };
  const unknown = await box.run(strange);
  expect([unknown.stdout, unknown.code]).toEqual(["4711 / given\n", 3]);
  const readOnly = await box.run({ words, env: { A: "given" }, before: "mount -o remount,bind,ro /etc" });
  expect([readOnly.stdout.endsWith(" given\n"), readOnly.code]).toEqual([true, 3]);
  expect(readOnly.stderr.match(/unable to write to \/etc\/container_environment: read-only file system/g)).toHaveLength(
    1,
  );
  const missing = await box.run({ words, env: { A: "given" }, before: "rmdir /etc/container_environment" });
  expect([missing.stdout.endsWith(" given\n"), missing.code]).toEqual([true, 3]);
});

containerTest("a container that was killed starts again, with its services", async (box) => {
  box.script("service/web/run", 'trap "exit 0" TERM', "echo web runs", "while :; do sleep 1 & wait $!; done");
  box.start();
  await box.shows("web runs\n");
  box.signal("SIGKILL");
  await box.ended();
  box.start();
  await box.shows("web runs\n");
  box.signal("SIGTERM");
  expect((await box.ended()).code).toBe(0);
});

containerTest("without services there must be a main command", async (_box, rig) => {
  const { code, stderr } = await rig.run("my_init", ["--skip-runit"]);
  expect([code, stderr]).toEqual([1, "*** When --skip-runit is given, you must also pass a main command.\n"]);
  expect((await rig.run("my_init", ["--nonsense"])).code).toBe(2);
  expect((await rig.run("my_init", ["-h"])).stdout).toContain("--no-kill-all-on-exit");
  expect((await rig.run("my_init", ["--version"])).stdout).toMatch(/^my_init /);
});

containerTest("a stop catches services that are just starting, and lets each of them end", async (box) => {
  for (let at = 0; at < 30; at++) {
    box.script(
      `service/s${at}/run`,
      'trap "echo down; exit 0" TERM',
      "echo up",
      "while :; do sleep 60 & wait $!; done",
    );
  }
  box.start({ env: patience });
  await box.shows("up\n");
  box.signal("SIGTERM");
  const { code, stdout, stderr } = await box.ended();
  // A service may get TERM between its trap and its first word.
  expect(stdout.split("down\n").length).toBeGreaterThanOrEqual(stdout.split("up\n").length);
  expect(stderr).not.toContain("kill\n");
  expect(code).toBe(0);
});

containerTest("a second TERM shortens the grace time, and a third one kills", async (box, rig) => {
  const env = { KILL_PROCESS_TIMEOUT: "600", KILL_ALL_PROCESSES_TIMEOUT: "600" };
  const deaf = "$SIG{TERM}='IGNORE'; $| = 1; print qq(up\\n); sleep 60 while 1";
  box.start({ words: [...bare, "perl", "-e", deaf], env });
  await box.shows("up\n");
  box.signal("SIGTERM");
  await box.shows("Stopping perl");
  await repeatedly("shortening the grace time");
  expect((await box.ended()).code).toBe(137);

  const traps = "trap '' TERM; echo up; while :; do sleep 60; done";
  box.script("service/web/run", traps).start({ env });
  await box.shows("up\n");
  box.signal("SIGTERM");
  await box.shows("Shutting down runit daemon");
  await repeatedly("shortening the grace time");
  // If we are held up for a second, the container may end without this.
  await repeatedly("killing all processes");
  expect((await box.ended()).code).toBe(0);

  /** A signal that comes too soon is the same request. */
  async function repeatedly(text: string): Promise<void> {
    await rig.until(text, () => {
      if (box.says(text) || box.hasEnded()) return true;
      box.signal("SIGTERM");
      return false;
    });
  }
});

containerTest("variables of the directory count for my_init itself", async (box) => {
  box
    .file("container_environment/ENV_INIT_DIRECTORY", "/etc/elsewhere\n")
    .file("container_environment/KILL_ALL_PROCESSES_TIMEOUT", "soon")
    .script("elsewhere/one", "echo elsewhere")
    .script("my_init.d/one", "echo here");
  const { stdout, stderr } = await box.run({ words: ["--quiet", "--skip-runit", "true"] });
  expect(stdout).toBe("elsewhere\n");
  expect(stderr).toBe("*** KILL_ALL_PROCESSES_TIMEOUT is no whole number of seconds: soon\n");
});

containerTest("its own runsvdir is started, whatever PATH has first", async (box, rig) => {
  box.script("bin/runsvdir", "echo not ours").script("service/web/run", "echo web runs", "exec sleep 60");
  box.start({ env: { PATH: `/etc/bin:${rig.suite.path}` } });
  await box.shows("web runs\n");
  box.signal("SIGTERM");
  expect((await box.ended()).code).toBe(0);
  expect(box.output().stdout).not.toContain("not ours");
});

containerTest("runsvdir that dies beside a main command is started again", async (box) => {
  box.script("service/web/run", "echo web runs", "exec sleep 60");
  const main = `old=$(pgrep -x runsvdir); kill -KILL $old; until pgrep -x runsvdir | grep -vx $old; do sleep 0.1; done; exit 7`;
  box.start({ words: ["sh", "-c", `until grep -qs run /etc/service/web/supervise/stat; do sleep 0.1; done; ${main}`] });
  const { code, stderr } = await box.ended();
  expect(stderr).toContain("*** runsvdir was killed by signal 9\n");
  expect(code).toBe(7);
});

containerTest("runsvdir kills what runs at the moment at which the time of the services is over", async (box) => {
  box.script("service/web/run", "trap '' TERM", "echo web runs", "while :; do sleep 60; done");
  box.start({ env: { KILL_PROCESS_TIMEOUT: "0" } });
  await box.shows("web runs\n");
  box.signal("SIGTERM");
  const { code, stderr } = await box.ended();
  expect(stderr).toContain("warning: unable to stop web in time, sending kill\n");
  expect(code).toBe(0);
});
