/* Run scripts with chpst as people write them, under runsvdir. */
import { chownSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { available, enable, shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { freePort, talk } from "../rig/process/ports.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { answer, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { niceLevelPlus, nobody, root } from "../rig/process/under.ts";

/** The fields of /proc for a service's process. */
function of(service: ScriptedService, file: string): string {
  return readFileSync(`/proc/${service.supervise.status().pid}/${file}`, "latin1");
}

/** Enables the service, and waits until chpst has become the program; its command line begins like this. */
async function running(rig: TestRig, service: ScriptedService, begin: string): Promise<void> {
  enable(rig, service);
  startRunsvdir(rig);
  await rig.until(`${begin} to run`, () => {
    const { pid } = service.supervise.isSupervised() ? service.supervise.status() : { pid: 0 };
    return pid !== 0 && of(service, "cmdline").replaceAll("\0", " ").startsWith(begin);
  });
}

rigTest(
  "exec chpst -u USER:GROUP -P redis-server: the process of the service is redis, as that user",
  ourSuites,
  async (rig) => {
    const port = await freePort();
    const redis = available(rig, "redis", {
      run: shell("exec 2>&1", "exec chpst -u nobody:daemon -o 15000 -P redis-server redis.conf"),
      files: {
        "redis.conf": `bind 127.0.0.1\nport ${port}\ndaemonize no\ndir data\nsave ""\n`,
        "data/README": "redis keeps its data here.\n",
      },
    });
    chownSync(redis.file("data"), nobody, 1);
    await running(rig, redis, "redis-server");
    const ask = async (): Promise<string | undefined> => await talk(port, "PING\r\nQUIT\r\n");
    await rig.until("an answer", async () => (await ask()) === "+PONG\r\n+OK\r\n");
    await redis.stat("run");
    const { pid } = redis.supervise.status();
    expect(of(redis, "status")).toMatch(/^Uid:\t65534\t65534\t65534\t65534\nGid:\t1\t1\t1\t1\n/m);
    expect(of(redis, "status")).toMatch(/^Groups:\t1 ?$/m);
    expect(of(redis, "limits")).toMatch(/^Max open files +15000 /m);
    expect(of(redis, "stat").slice(of(redis, "stat").lastIndexOf(")")).split(" ").slice(3, 5)).toEqual([
      `${pid}`,
      `${pid}`,
    ]);
    expect(await sv(rig, ["stop", "redis"])).toMatchObject(answer("ok: down: redis: Ns, normally up\n"));
    expect(await ask()).toBeUndefined();
  },
  { needs: root ?? program("redis-server", "redis-server") },
);

rigTest(
  "exec chpst -m -b name nginx, with the lock of a second copy",
  ourSuites,
  async (rig) => {
    const port = await freePort();
    const nginx = available(rig, "nginx", {
      run: shell(
        "exec 2>&1",
        'exec chpst -L lock -m 2000000000 -c 0 -b web /usr/sbin/nginx -p "$PWD/" -c nginx.conf -e stderr -g "daemon off;"',
      ),
      files: {
        "nginx.conf": `pid nginx.pid;\nevents {}\nhttp {\n  access_log off;\n  server { listen 127.0.0.1:${port}; location / { return 200 hello; } }\n}\n`,
      },
    });
    await running(rig, nginx, "nginx: master process web");
    const page = async (): Promise<string | undefined> => await talk(port, "GET / HTTP/1.0\r\n\r\n");
    await rig.until("a page", async () => (await page())?.endsWith("hello") === true);
    expect(of(nginx, "limits")).toMatch(/^Max address space +2000000000 /m);
    const second = await rig.run("chpst", ["-L", nginx.file("lock"), "true"]);
    expect(second).toMatchObject({ code: 111, stderr: expect.stringMatching(/: temporary failure\n$/) });
    expect(await sv(rig, ["restart", "nginx"])).toMatchObject({ code: 0 });
    await rig.until("a page again", async () => (await page())?.endsWith("hello") === true);
  },
  { needs: root ?? program("nginx", "nginx-light") },
);

rigTest(
  "exec chpst -e ./env -n 5 -b name, and a log service as another user",
  ourSuites,
  async (rig) => {
    const pausing = available(rig, "pausing", {
      run: shell("echo begin", "exec chpst -e ./env -n 5 -b pausing sleep 600"),
      log: { run: shell("exec chpst -u nobody sh -c 'id -u >main/user; exec cat >>main/current'") },
      files: { "log/main/README": "the log\n", "env/MODE": "test\n", "env/HOME": "" },
    });
    chownSync(pausing.file("log/main"), nobody, nobody);
    await running(rig, pausing, "pausing 600");
    await rig.until("the line", () => rig.read(pausing.file("log/main/current")) === "begin\n");
    expect(rig.read(pausing.file("log/main/user"))).toBe("65534\n");
    const environment = of(pausing, "environ").split("\0");
    expect(environment).toContain("MODE=test");
    expect(environment.filter((entry) => entry.startsWith("HOME="))).toEqual([]);
    const state = of(pausing, "stat");
    expect(state.slice(state.lastIndexOf(")")).split(" ")[17]).toBe(String(niceLevelPlus(5)));
  },
  { needs: root },
);

rigTest("the signals of sv reach the program that chpst has become", ourSuites, async (rig) => {
  const web = rig.service("web", { run: ["trap HUP", "exit-on TERM 3"], finish: ["exit 0"] });
  // Two more programs stand between the run script and the scripted program.
  const inner = join(web.path, "inner");
  expect(await rig.run("mv", [web.file("run"), inner])).toMatchObject({ code: 0 });
  web.run.install(shell("exec chpst -P -o 300 chpst -v -U nobody ./inner"));
  await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  expect(web.supervise.status().pid).toBe(pid);
  expect(await sv(rig, ["hup", "web"])).toMatchObject({ code: 0 });
  await web.run.signalled("HUP");
  expect(await sv(rig, ["stop", "web"])).toMatchObject({ code: 0 });
  expect((await web.finish.started()).argv.slice(1, 3)).toEqual(["3", "0"]);
});

rigTest(
  "exec setuser USER gives what a login would",
  ourSuites,
  async (rig) => {
    const show = ["sh", "-c", 'echo "$USER $LOGNAME $HOME $SHELL $UID" $(id -u) $(id -G) "$@"', "x"];
    const { stdout } = await rig.run("id", ["-G", "www-data"]);
    const groups = stdout.trim();
    const home = "/var/www";
    const line = `www-data www-data ${home} /usr/sbin/nologin 33 33 ${groups} -u --help\n`;
    expect(await rig.run("setuser", ["www-data", ...show, "-u", "--help"])).toMatchObject({
      code: 0,
      stdout: line,
      stderr: "",
    });
  },
  { needs: root },
);

rigTest(
  "setuser says what is wrong, and exits with 1",
  ourSuites,
  async (rig) => {
    const usage = "usage: setuser user command [argument ...]\n\n";
    for (const [words, stderr] of [
      [[], usage],
      [["nobody"], usage],
      [["no-such-user", "true"], "setuser: fatal: unknown user: no-such-user\n"],
      [["", "true"], "setuser: fatal: unknown user: \n"],
      [["root", "absent"], "setuser: fatal: unable to run: absent: file does not exist\n"],
      [["root", "/etc/passwd"], "setuser: fatal: unable to run: /etc/passwd: access denied\n"],
    ] as const) {
      expect([words, await rig.run("setuser", words)]).toMatchObject([words, { code: 1, stdout: "", stderr }]);
    }
  },
  { needs: root },
);
