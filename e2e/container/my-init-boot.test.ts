/* my_init's options, what its children get, and what an earlier run of the container has left. */
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { containerTest } from "../rig/container/namespaced-container.ts";

const service = ['trap "exit 0" TERM', "echo web runs", "while :; do sleep 60 & wait $!; done"] as const;

containerTest("the insecure key is enabled before the startup files, and only when that is asked for", async (box) => {
  box.script("key", "echo key").script("my_init.d/one", "echo one");
  const before = "mount -t tmpfs none /usr/sbin; cp /etc/key /usr/sbin/enable_insecure_key";
  const words = ["--skip-runit", "--", "echo", "main"];
  expect((await box.run({ before, words: ["--enable-insecure-key", ...words] })).stdout).toBe("key\none\nmain\n");
  expect((await box.run({ before, words })).stdout).toBe("one\nmain\n");
  const missing = await box.run({
    before: "mount -t tmpfs none /usr/sbin",
    words: ["--enable-insecure-key", ...words],
  });
  expect(missing).toMatchObject({ code: 127, stdout: "" });
  expect(missing.stderr).toContain("*** unable to run /usr/sbin/enable_insecure_key: file does not exist\n");
});

containerTest("--no-kill-all-on-exit leaves others alone, who get TERM otherwise", async (box) => {
  const trap =
    "$SIG{TERM} = sub { open my $f, q(>), q(/etc/got-term); exit }; open my $f, q(>), q(/etc/ready); sleep 60";
  const main = `perl -e '${trap}' & until [ -e /etc/ready ]; do sleep 0.1; done; rm /etc/ready; exit 3`;
  const words = ["--skip-startup-files", "--skip-runit", "--", "sh", "-c", main];
  expect((await box.run({ words: ["--no-kill-all-on-exit", ...words] })).code).toBe(3);
  expect(() => box.read("got-term")).toThrow("ENOENT");
  expect((await box.run({ words })).code).toBe(3);
  expect(box.read("got-term")).toBe("");
});

containerTest("files with all variables belong to the group docker_env, where there is one", async (box) => {
  box.file("group", "root:x:0:\ndocker_env:x:8377:\n");
  expect((await box.run({ words: ["--skip-startup-files", "--skip-runit", "--", "true"] })).code).toBe(0);
  for (const name of ["sh", "json"]) {
    const { uid, gid, mode } = statSync(box.inside(`container_environment.${name}`));
    expect([uid, gid, mode & 0o7777]).toEqual([0, 8377, 0o640]);
  }
});

containerTest("--prefix-logs is a variable for the services, and for nobody else", async (box) => {
  box.script("show", 'echo "$1 ${UPKEEP_PREFIX_LOGS-unset}" >>/etc/shown', ": >/etc/up-$1");
  box.script("my_init.d/one", "/etc/show startup");
  box.script("service/web/run", "/etc/show service", "exec sleep 60");
  const main = "/etc/show main; until [ -e /etc/up-service ]; do sleep 0.1; done";
  const shown = (): readonly string[] => box.read("shown").trimEnd().split("\n").toSorted();
  await box.run({ words: ["--prefix-logs", "sh", "-c", main] });
  expect(shown()).toEqual(["main unset", "service 1", "startup unset"]);
  box.file("shown", "");
  rmSync(box.inside("up-service"));
  await box.run({ words: ["sh", "-c", main], env: { UPKEEP_PREFIX_LOGS: "1" } });
  expect(shown()).toContain("service 1");
});

containerTest("services have no runsv each, unless an option or a variable asks for that", async (box) => {
  box.script("service/web/run", ": >/etc/up", "exec sleep 60");
  const main = "until [ -e /etc/up ]; do sleep 0.1; done; rm /etc/up; ! pgrep -x runsv >/dev/null; exit $?";
  const codes: unknown[] = [];
  for (const [words, env] of [
    [[], { UPKEEP_INLINE: undefined }],
    [["--no-inline"], { UPKEEP_INLINE: undefined }],
    [[], { UPKEEP_INLINE: "0" }],
  ] as const) {
    const { code } = await box.run({ words: [...words, "sh", "-c", main], env });
    codes.push(code);
  }
  expect(codes).toEqual([0, 1, 1]);
});

containerTest("arguments, values and names that are not UTF-8 reach the main command as they are", async (box) => {
  const bytes = "printf 'a\\303b'";
  const look = `[ "$1" = "$(${bytes})" ] && [ "$V" = "$(${bytes})" ] && exit 7`;
  box.script("look", look);
  const before = `cp /etc/look "/etc/$(${bytes})"; V=$(${bytes}); export V`;
  // The words come from the test, as text, and then from the command itself.
  const under = ["sh", "-c", `exec "$@" "/etc/$(${bytes})" "$(${bytes})"`, "sh"];
  const { code } = await box.run({ words: ["--skip-startup-files", "--skip-runit", "--"], before, under });
  expect(code).toBe(7);
});

containerTest(
  "newlines and carriage returns of a value reach everything in the container, by every way",
  async (box) => {
    const value = '-----BEGIN-----\r\nit\'s "MII" \r\n\t-----END-----\n\n';
    box.script("my_init.d/one", "echo one");
    // A shell that is not there is passed over.
    const sourced = '. /etc/container_environment.sh; printf %s "$KEY"';
    const shells = ["bash", "dash", "busybox sh"].map(
      (shell) => `! command -v ${shell} >/etc/found || env -u KEY ${shell} -c '${sourced}' >"/etc/by-${shell}"`,
    );
    box.script("service/web/run", 'printf %s "$KEY" >/etc/by-service', ": >/etc/up", "exec sleep 60");
    box.script("main", ...shells, 'printf %s "$KEY" >/etc/by-main', "until [ -e /etc/up ]; do sleep 0.1; done");
    // A second start of the same container finds its own files.
    for (let life = 0; life < 2; life++) {
      expect((await box.run({ words: ["/etc/main"], env: { KEY: value } })).code).toBe(0);
      const ways = ["main", "service", ...["bash", "dash", "busybox sh"].filter((name) => box.exists(`by-${name}`))];
      expect(ways.length).toBeGreaterThan(3);
      expect(ways.map((name) => [name, box.read(`by-${name}`)])).toEqual(ways.map((name) => [name, value]));
      const whole = JSON.parse(box.read("container_environment.json")) as unknown;
      expect(whole).toMatchObject({ KEY: value });
      for (const name of [...ways.map((way) => `by-${way}`), "up"]) rmSync(box.inside(name));
    }
  },
);

containerTest("with a main command, services read nothing of what is meant for it", async (box) => {
  // Whoever comes first would take it, so the main command waits for the service.
  box.script("service/web/run", "cat >/etc/taken", ": >/etc/up", "exec sleep 60");
  const main = "until [ -e /etc/up ]; do sleep 0.1; done; cat >/etc/got; readlink /proc/1/fd/0 >/etc/input";
  writeFileSync(box.inside("data"), "all of it\n");
  expect((await box.run({ words: ["sh", "-c", main], before: "exec </etc/data" })).code).toBe(0);
  expect([box.read("taken"), box.read("got"), box.read("input")]).toEqual(["", "all of it\n", "/etc/data\n"]);
});

containerTest("without a main command, services have the container's input", async (box) => {
  box.script("service/web/run", "cat >/etc/taken", ": >/etc/up", "exec sleep 60");
  writeFileSync(box.inside("data"), "all of it\n");
  box.start({ before: "exec </etc/data" });
  await box.until("the service", () => box.exists("up"));
  expect(box.read("taken")).toBe("all of it\n");
  box.signal("SIGTERM");
  expect((await box.ended()).code).toBe(0);
});

containerTest("what a killed container has left is recognised, whoever has its pids by now", async (box) => {
  box.script("service/web/run", ...service).script("service/web/log/run", "exec cat >>/etc/logged");
  for (let life = 0; life < 3; life++) {
    box.file("logged", "");
    box.start();
    await box.until("the service's line", () => box.read("logged") === "web runs\n");
    expect(box.says("warning")).toBe(false);
    box.signal("SIGKILL");
    await box.ended();
    // In the next run this pid is my_init's, which must not be taken for the service or for runsvdir.
    for (const directory of ["service/web", "service/web/log"]) {
      const state = JSON.parse(box.read(`${directory}/supervise/state.json`)) as object;
      writeFileSync(
        box.inside(directory, "supervise/state.json"),
        JSON.stringify({ ...state, pid: 1, processGroup: 1 }),
      );
      writeFileSync(box.inside(directory, "supervise/pid"), "1\n");
      const status = readFileSync(box.inside(directory, "supervise/status"));
      status.writeUInt32LE(1, 12);
      writeFileSync(box.inside(directory, "supervise/status"), status);
    }
    const holder = JSON.parse(box.read("service/.runsvdir/holder.json")) as object;
    writeFileSync(box.inside("service/.runsvdir/holder.json"), JSON.stringify({ ...holder, pid: 1 }));
  }
  box.file("logged", "").start();
  await box.until("the service's line", () => box.read("logged") === "web runs\n");
  box.signal("SIGTERM");
  expect(await box.ended()).toMatchObject({ code: 0 });
});

containerTest("HUP without a main command has runsvdir look at its directory at once", async (box) => {
  box.script("service/web/run", ...service);
  symlinkSync("../late", box.inside("service/late"));
  box.start();
  await box.shows("web runs\n");
  await box.shows("unable to stat late: file does not exist");
  box.script("late/run", "echo late runs", "exec sleep 60");
  box.signal("SIGHUP");
  // Only a scan that somebody asked for writes this.
  await box.until("the look", () => box.exists("service/.forced-rescan"));
  await box.shows("late runs\n");
  box.signal("SIGTERM");
  expect((await box.ended()).code).toBe(0);
});
