/*
 * Story 004: what people write into supervisord.conf, as service directories: autostart, autorestart, priority, the
 * prefix that supervisor-stdout puts before lines, the states of supervisorctl, and a health check for the engine.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../rig/core/files.ts";
import { expect, test } from "vitest";
import { existsOnMachine } from "../rig/core/needs.ts";
import { listensOn } from "../rig/scripted/small-server.ts";
import { inNamespace, inPodman, type Story } from "../rig/container/story.ts";

const configuration = `worker_processes 1;
error_log /dev/stdout notice;
pid /run/nginx.pid;
events { worker_connections 64; }
http {
  access_log /dev/stdout;
  server { listen 8080; location / { return 200 "hello\\n"; } }
}
`;

inPodman(
  "story 004: autostart, autorestart=false, priority, prefixes and HEALTHCHECK, without a configuration file",
  async (story, rig) => {
    // [program:database] priority=1; [program:nginx] autostart=true autorestart=false priority=100
    story
      .script("database/run", "echo begins >>/etc/story/order", "exec sleep 1000")
      .script("database/finish", "echo ends >>/etc/story/order")
      .file("database/ready-after", "1\n");
    story
      .script("nginx/run", "echo nginx begins >>/etc/story/order", 'exec nginx -c "$PWD/nginx.conf" -g "daemon off;"')
      .script("nginx/finish", "echo nginx ends >>/etc/story/order")
      .file("nginx/nginx.conf", configuration)
      .script("nginx/check", listensOn(8080))
      .file("nginx/restart", "never\n")
      .file("nginx/dependencies.d/database");
    // [program:report] autostart=false
    story.script("report/run", "echo reporting", "exec sleep 1000").file("report/down");

    const podman = ["--health-cmd", "sv health", "--health-interval", "disable"];
    await story.start({ env: { UPKEEP_PREFIX_LOGS: "1" }, flags: podman });
    await story.state("nginx", { ready: true });
    expect(story.recorded("order")).toEqual(["begins", "nginx begins"]);
    await story.state("report", { state: "down", want: "down" });
    await rig.until("health", async () => (await story.health()) === 0);
    await story.answers(8080, "hello\n");
    await story.shows("nginx | 127.0.0.1 - - [");
    expect((await story.exec("sv", "-w", "90", "start", "report")).stdout).toMatch(/^ok: run: report: /);
    await story.shows("report | reporting\n");

    await story.sh("kill -KILL $(cat /etc/service/nginx/supervise/pid)");
    await story.state("nginx", { state: "down", want: "down" });
    expect(story.stateNow("nginx")).toMatchObject({ starts: 1, lastExit: { code: null, signal: 9 } });
    expect(await story.health()).toBe(1);
    expect((await story.exec("sv", "-w", "90", "start", "nginx")).code).toBe(0);
    // sv has run the check itself; runsv may run it a second later.
    await story.state("nginx", { ready: true });
    expect(await story.health()).toBe(0);
    expect(await story.stop()).toBe(0);
    expect(story.recorded("order").slice(-2)).toEqual(["nginx ends", "ends"]);
    const { out, err } = await story.said();
    expect(out.filter((line) => !/^(?:database|nginx|report) \| /.test(line))).toEqual([]);
    expect(err).toEqual(["runsv nginx: warning: giving up: ./run was killed by signal 9"]);
  },
);

/** Each state of supervisorctl, and how a service gets into it here. */
function layOutStates(story: Story): void {
  const sleeps = ["exec sleep 1000"];
  story.script("stopped/run", ...sleeps).file("stopped/down");
  story.script("starting/run", ...sleeps).script("starting/check", "exit 1");
  story.script("running/run", ...sleeps).file("running/ready-after", "1\n");
  story.script("backoff/run", "exit 1").file("backoff/restart-delay", "600000\n");
  story.script(
    "stopping/run",
    "trap 'echo >>/etc/story/told' TERM",
    "echo >>/etc/story/traps",
    "while :; do sleep 0.1; done",
  );
  story.script("exited/run", "exit 0").file("exited/restart", "on-failure\n");
  story.script("fatal/run", "exit 2").file("fatal/restart-limit", "2 60\n").file("fatal/restart-delay", "10\n");
}

const states: Readonly<Record<string, RegExp>> = {
  STOPPED: /^down: stopped: \d+s$/,
  STARTING: /^run: starting: \(pid \d+\) \d+s, not ready$/,
  RUNNING: /^run: running: \(pid \d+\) \d+s, ready \d+s$/,
  BACKOFF: /^down: backoff: \d+s, normally up, want up$/,
  STOPPING: /^run: stopping: \(pid \d+\) \d+s, want down, got TERM$/,
  EXITED: /^down: exited: \d+s, normally up$/,
  FATAL: /^down: fatal: \d+s, normally up, failed: 3 failures within 60 seconds$/,
};

inNamespace("story 004: sv status tells the states that supervisorctl knows", async (story, rig) => {
  layOutStates(story);
  await story.start({ command: ["runsvdir", "--stop-timeout", "1", "-P", "/etc/service"] });
  await rig.until("stopping to hear", () => story.recorded("traps").length === 1);
  await story.sh("sv down stopping");
  await rig.until("stopping to be told", () => story.recorded("told").length === 1);
  await story.state("stopping", { state: "run", want: "down" });
  await story.state("stopped", { state: "down", want: "down" });
  await story.state("starting", { state: "run" });
  await story.state("running", { ready: true });
  await story.state("backoff", { state: "down", starts: 1 });
  await story.state("exited", { satisfied: true, want: "down" });
  await story.state("fatal", { starts: 3, want: "down" });
  const { stdout } = await story.exec("sv", "status", ...Object.keys(states).map((state) => state.toLowerCase()));
  const lines = stdout.trimEnd().split("\n");
  for (const [at, pattern] of Object.values(states).entries()) expect(lines[at]).toMatch(pattern);
  expect(lines).toHaveLength(Object.keys(states).length);
});

inNamespace("story 004: stopasgroup is a control script", async (story, rig) => {
  const child = "trap 'echo child >>/etc/story/told; exit' TERM; echo >>/etc/story/traps; while :; do sleep 0.1; done";
  story
    // The trap is set before the child says that it listens.
    .script("workers/run", "trap 'wait; echo parent >>/etc/story/told; exit' TERM", `sh -c "${child}" &`, "wait")
    .script("workers/control/t", 'kill -s TERM -- "-$(cat supervise/pid)"');
  await story.start();
  await rig.until("the child to listen", () => story.recorded("traps").length === 1);
  expect((await story.exec("sv", "-w", "90", "stop", "workers")).code).toBe(0);
  expect(story.recorded("told")).toEqual(["child", "parent"]);
});

inNamespace(
  "story 004: numprocs is a directory for each, whose run is a link to the same script",
  async (story, rig) => {
    const names = ["worker-1", "worker-2", "worker-3"];
    story.script(".worker/run", 'echo "${PWD##*/}" >>/etc/story/workers', "exec sleep 1000");
    for (const name of names) story.link(`${name}/run`, "../.worker/run");
    await story.start();
    const started = async (times: number): Promise<void> => {
      const all = Array.from({ length: times }, () => names)
        .flat()
        .toSorted();
      await rig.until(`${times} starts of each`, () => story.recorded("workers").length === all.length);
      expect(story.recorded("workers").toSorted()).toEqual(all);
    };
    await started(1);
    expect((await story.exec("sv", "-w", "90", "restart", "worker-*")).code).toBe(0);
    await started(2);
  },
);

const page = readFileSync(join(repositoryRoot, "docs/containers.md"), "utf8");

/** The first block of this kind in the documentation's example of two programs. */
function exampleBlock(kind: "sh" | "console"): string {
  const example = page.slice(page.indexOf("[program:queue]"));
  const block = new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\`$`, "m").exec(example)?.[1];
  if (block === undefined) throw new Error(`no example in ${kind}`);
  return block;
}

/** What a console shows, with all times masked. */
function timeless(text: string): string {
  return text
    .replaceAll(/\d+s\b/g, "Ns")
    .replaceAll(/pid \d+/g, "pid P")
    .replaceAll(/ +/g, " ");
}

inNamespace("story 004: a file of two programs becomes what the documentation makes of it", async (story, rig) => {
  // The /etc of a story is its own.
  const script = exampleBlock("sh").replaceAll("/etc/service", story.inside()).replaceAll("/opt/app", "/etc/app");
  expect(await rig.run("sh", ["-euc", script])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  story
    .script("../app/queue", 'echo "queue: $*"', "exec sleep 1000")
    .script("../app/web", 'echo "web: $(id -un) $PWD $QUEUE"', "exec sleep 1000");
  await story.start();
  for (const name of ["queue", "web"]) await story.state(name, { state: "run", ready: true, starts: 1 });
  await story.shows("queue: --port 7000\n");
  await story.shows("web: www-data /etc/app 127.0.0.1:7000\n");
  const console = exampleBlock("console");
  for (const [, command = "", shown = ""] of console.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)) {
    const { code, stdout } = await story.exec("sh", "-c", command);
    expect([command, code, timeless(stdout)]).toEqual([command, 0, timeless(shown)]);
  }
  // QUIT stops web, and TERM the queue; neither has to be killed.
  expect(await story.stop()).toBe(0);
  expect(story.stateNow("web")["lastExit"]).toMatchObject({ signal: 3 });
  expect(story.stateNow("queue")["lastExit"]).toMatchObject({ signal: 15 });
});

inPodman(
  "story 004: a server under restart on-failure is healthy, and with ready-after others start",
  async (story) => {
    const sleeps = ["exec sleep 1000"];
    story.script("nginx/run", ...sleeps).file("nginx/restart", "on-failure\n");
    story
      .script("queue/run", ...sleeps)
      .file("queue/restart", "on-failure\n")
      .file("queue/ready-after", "1\n");
    story.script("web/run", ...sleeps).file("web/dependencies.d/queue");
    await story.start({ flags: ["--health-cmd", "sv health", "--health-interval", "disable"] });
    await story.state("web", { state: "run", ready: true });
    await story.state("nginx", { state: "run", ready: false, readiness: null });
    expect(await story.health()).toBe(0);
    expect((await story.exec("sv", "wait", "-t", "0.5", "ready", "nginx")).stdout).toMatch(/^timeout: run: nginx: /);
  },
);

const supervisor = "/usr/lib/python3/dist-packages/supervisor/options.py";
const missing = existsOnMachine(supervisor, "supervisor");

test.skipIf(missing !== undefined)(
  "story 004: the documentation says of each option of [program:x] what does the same",
  { meta: missing === undefined ? {} : { skipReason: missing } },
  () => {
    const source = readFileSync(supervisor, "utf8");
    const parser = source.slice(source.indexOf("def _processes_from_section"), source.indexOf("programs.sort()"));
    const plain = [...parser.matchAll(/get\(section, ?'(\w+)'/g)].map(([, name = ""]) => name);
    const twice = [...parser.matchAll(/'%s(_\w+)'/g)].flatMap(([, rest = ""]) => [`stdout${rest}`, `stderr${rest}`]);
    expect(plain.length + twice.length).toBeGreaterThanOrEqual(32);
    const rows = page.split("\n").filter((line) => line.startsWith("| `"));
    for (const name of [...plain, ...twice]) {
      expect(
        rows.filter((row) => row.split("|")[1]?.includes(`\`${name}\``)),
        name,
      ).toHaveLength(1);
    }
  },
);
