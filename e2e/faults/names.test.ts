/* Names that confuse shells and option parsers, and links that lead nowhere. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { available } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { countLines, runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { stateToBe } from "../rig/runit/state-json.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";
import { answer, sv } from "../rig/runit/sv.ts";

const names = ["two words", "größe 日本語", "-dash", "-v", "$(exit)'\"`*", "a\\b", "x".repeat(255)];

rigTest("supervises and controls services whatever they are called", allSuites, async (rig) => {
  const spec = { run: ["trap HUP"], finish: ["exit 0"], log: { run: ["log /dev/null", "exit-on TERM"] } };
  const services = names.map((name) => rig.service(name, spec));
  const runsvdir = startRunsvdir(rig);
  await runsvToBe(rig, runsvdir.pid, ...names);
  for (const service of services) {
    expect((await service.run.started()).cwd).toBe(service.path);
    await service.log.run.started();
    await service.stat("run");
    await service.logStat("run");
  }
  const status = await sv(rig, ["status", ...names]);
  expect(status.stdout.replaceAll(/\d+/g, "PID")).toBe(
    names.map((name) => `run: ${name}: (pid PID) Ns; run: log: (pid PID) Ns\n`).join(""),
  );
  expect(await sv(rig, ["reload", ...names])).toMatchObject({ code: 0 });
  for (const { run } of services) await run.signalled("HUP");
  const stop = await sv(rig, ["force-stop", ...names]);
  expect(lines(stop.stdout)).toEqual(names.map((name) => `ok: down: ${name}: Ns, normally up`).toSorted());
  for (const { name, finish } of services) {
    expect((await finish.started()).argv.slice(3, 4)).toEqual(rig.suite.ours ? [name] : []);
  }
  expect(runsvdir.stderr()).toBe("");
});

rigTest("supervises and controls a service whose name is not UTF-8", allSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap HUP"], finish: ["exit 0"], log: {} }, rig.root);
  renameSync(web.path, Buffer.from(join(rig.services, "caf\xe9"), "latin1"));
  const runsvdir = startRunsvdir(rig);
  await web.run.started();
  await web.log.run.started();
  const ask = async (words: string) =>
    rig.run("sh", ["-c", `name=$(printf 'caf\\351'); sv -w 20 ${words}`], { env: { SVDIR: rig.services } });
  const shown = async (words: string): Promise<string> => (await ask(words)).stdout.replaceAll(/\d+/g, "N");
  // What reads its output shows the byte as U+FFFD.
  const status = "run: caf\ufffd: (pid N) Ns; run: log: (pid N) Ns\n";
  await rig.until("the status", async () => (await shown('status "$name"')) === status);
  expect(await shown('status "$SVDIR/$name"')).toBe(
    status.replace("caf", `${rig.services}/caf`.replaceAll(/\d+/g, "N")),
  );
  if (rig.suite.ours) expect(await shown("status 'caf?'")).toBe(status);
  expect(await ask('reload "$name"')).toMatchObject({ code: 0 });
  await web.run.signalled("HUP");
  expect(await ask('restart "$name"')).toMatchObject({ code: 0 });
  await web.run.started(2);
  expect(await shown('stop "$name"')).toBe("ok: down: caf\ufffd: Ns, normally up\n");
  expect((await web.finish.started()).argv.slice(3, 4)).toEqual(rig.suite.ours ? ["caf\ufffd"] : []);
  renameSync(Buffer.from(join(rig.services, "caf\xe9"), "latin1"), rig.path("gone"));
  await runsvToBe(rig, runsvdir.pid);
  expect(runsvdir.stderr()).toBe("");
});

rigTest("a service waits for one whose name is not UTF-8, and that one for another", ourSuites, async (rig) => {
  const text = "#!/bin/sh\nwhile ! test -e allowed; do sleep 0.02; done\necho >&3\nexec sleep 1000 3>&-\n";
  const db = rig.service("db", { run: { text }, files: { "notification-fd": "3" } }, rig.root);
  const web = rig.service("web", {}, rig.root);
  const top = rig.service("top");
  for (const [{ path }, need] of [[web, "db\xe9"] as const, [top, "web\xe9"] as const]) {
    mkdirSync(join(path, "dependencies.d"));
    writeFileSync(inLatin1(path, `dependencies.d/${need}`), "");
  }
  for (const { path, name } of [db, web]) renameSync(path, inLatin1(rig.services, `${name}\xe9`));
  const runsvdir = startRunsvdir(rig);
  await stateToBe(rig, top, { waitingFor: ["web\udce9"] });
  await rig.until("an ear at db", () => {
    const waiters = inLatin1(rig.services, "db\xe9/supervise/waiters");
    return existsSync(waiters) && readdirSync(waiters).length === 1;
  });
  expect(top.run.starts()).toEqual([]);
  const seen = await rig.run("sh", ["-c", `sv show "$(printf 'web\\351')"; sv graph; sv status top`]);
  expect(seen.stdout).toContain("\n  waits for: db\ufffd (not ready)\n  needed by: top (down)\n");
  expect(seen.stdout).toContain("\nweb\ufffd (down)\n  needs db\ufffd (not ready)\n");
  expect(seen.stdout).toContain(", want up, waiting for web\ufffd\n");
  writeFileSync(inLatin1(rig.services, "db\xe9/allowed"), "");
  await web.run.started();
  await top.run.started();
  expect(runsvdir.stderr()).toBe("");
});

rigTest("enables and disables a service whose name is not UTF-8", ourSuites, async (rig) => {
  const web = rig.service("web", { down: true }, rig.root);
  const path = inLatin1(rig.root, "available\xe9");
  renameSync(web.path, path);
  const ask = async (words: string) =>
    rig.run("sh", ["-c", `name=$(printf 'available\\351'); sv -w 20 ${words}`], { env: { SVDIR: rig.services } });
  startRunsvdir(rig);
  expect(await ask(`enable "${rig.root}/$name"`)).toMatchObject({
    code: 0,
    stdout: `ok: ${rig.root}/available\ufffd: enabled\n`,
  });
  await web.run.started();
  expect(readlinkSync(inLatin1(rig.services, "available\xe9"), "buffer")).toEqual(path);
  await rig.until("its status", async () => (await ask('status "$name"')).code === 0);
  // Once more with its path: it is the same service.
  expect(await ask(`enable "${rig.root}/$name"`)).toMatchObject({ code: 0 });
  const disabled = await ask('disable "$name"');
  expect([disabled.code, disabled.stdout.replaceAll(/\d+/g, "N")]).toEqual([0, "ok: down: available\ufffd: Ns\n"]);
  expect(existsSync(inLatin1(rig.root, "available\xe9/down"))).toBe(true);
  expect(await ask('enable "$name"')).toMatchObject({ code: 0 });
  await web.run.started(2);
});

rigTest("svlogd takes a byte that is not UTF-8 for -r and -R", allSuites, async (rig) => {
  mkdirSync(rig.path("log"));
  const words = `echo a@b | exec svlogd -r "$(printf '\\351')" -R @ "${rig.path("log")}"`;
  expect(await rig.run("sh", ["-c", words])).toMatchObject({ code: 0 });
  expect(readFileSync(rig.path("log/current"), "latin1")).toBe("a\xe9b\n");
});

rigTest("supervises services that are called as an option of runsv", allSuites, async (rig) => {
  const services = ["--help", "--version"].map((name) => rig.service(name, { finish: ["exit 0"] }));
  const runsvdir = startRunsvdir(rig);
  for (const { run, path, finish } of services) {
    const { cwd, pid } = await run.started();
    expect(cwd).toBe(path);
    await rig.until("its status", async () => (await sv(rig, ["status", path])).stdout.includes(`pid ${pid})`));
    expect(await sv(rig, ["force-stop", path])).toMatchObject({ code: 0 });
    const { argv } = await finish.started();
    expect(argv.slice(3, 4)).toEqual(rig.suite.ours ? [path.slice(path.lastIndexOf("/") + 1)] : []);
  }
  expect(runsvdir.stderr()).toBe("");
});

rigTest("supervises a scan directory with blanks and umlauts in its path", allSuites, async (rig) => {
  const directory = rig.path("Dienste für alle");
  const web = rig.service("web", {}, directory);
  const runsvdir = startRunsvdir(rig, { directory });
  await web.run.started();
  await web.stat("run");
  expect(await sv(rig, ["status", "web"], { env: { SVDIR: directory } })).toMatchObject({ code: 0 });
  expect(await sv(rig, ["stop", web.path])).toMatchObject(answer(`ok: down: ${web.path}: Ns, normally up\n`));
  expect(runsvdir.stderr()).toBe("");
});

rigTest(
  "supervises on when the entry is a link that comes to lead nowhere, until it leads somewhere",
  ourSuites,
  async (rig) => {
    const link = join(rig.services, "web");
    symlinkSync(rig.path("available/web"), link);
    const runsvdir = startRunsvdir(rig);
    const warning = `runsvdir ${rig.services}: warning: unable to stat web: file does not exist`;
    await rig.until("a warning", () => countLines(runsvdir, warning) > 0);
    const prepared = available(rig, "prepared", {});
    renameSync(prepared.path, rig.path("available/web"));
    // No event reports a change on the far side of a link.
    await prepared.run.started();
    await runsvToBe(rig, runsvdir.pid, "web");
    expect(countLines(runsvdir, warning)).toBe(1);
  },
);

rigTest("supervises a service whose log, finish and check are links to nowhere", allSuites, async (rig) => {
  const web = rig.service("web");
  for (const name of ["log", "finish", "check", "down", "control"]) symlinkSync("nowhere", web.file(name));
  const runsv = await rig.runsv(web);
  await web.run.started();
  await web.run.exit(0);
  const { pid } = await web.run.started(2);
  await rig.until("the pid", () => web.supervise.status().pid === pid);
  expect(runsv.stderr()).toBe("");
});

rigTest("makes the target of a supervise link again that was removed", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap HUP"] });
  symlinkSync(rig.path("state"), web.supervise.path);
  await rig.runsv(web);
  await web.run.started();
  await web.stat("run");
  rmSync(rig.path("state"), { recursive: true });
  await web.run.die("KILL");
  const { pid } = await web.run.started(2);
  await rig.until("the pid", () => web.supervise.isSupervised() && web.supervise.pid() === pid);
  web.supervise.control("h");
  await web.run.signalled("HUP");
});

/** A path whose name has a byte for each character. */
function inLatin1(directory: string, name: string): Buffer {
  return Buffer.from(join(directory, name), "latin1");
}

/** The lines of a text, sorted. */
function lines(text: string): readonly string[] {
  return text.trimEnd().split("\n").toSorted();
}
