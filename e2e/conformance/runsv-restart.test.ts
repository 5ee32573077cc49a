import { chmodSync, chownSync } from "node:fs";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import type { JournalEvent, Start } from "../rig/scripted/journal.ts";
import type { ScriptedProgram } from "../rig/scripted/program.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { isRoot, limit, nobody, user } from "../rig/process/under.ts";

// A start at once takes milliseconds, and one that is held back a second. On a loaded machine a start at once may
// take a whole second, but not each time.
const atOnce = 950;
const attempts = 6;
// The kernel's times have steps of 10 ms.
const aSecond = 980;
const muchLater = 60_000;

const finishArguments = {
  instead: "finish starts at once, with the code and status of run, the service's name and the group of the run",
  because: "finish gets the name and process group as well, as in s6",
} as const;

line("RUNSV-15", "starts a service that exits at once again every second, without end", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["exit 0"] });
    await rig.runsv(web);
    await web.run.started(4);
    for (const gap of gaps(web.run)) expectBetween(gap, aSecond, muchLater);
  },
});

line("RUNSV-16", "waits a second after the end of a run that was shorter than that", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["sleep 0.5", "exit 0"] });
    await rig.runsv(web);
    // On a loaded machine a run may last a second, so that the next one follows at once; but not each time.
    await rig.until("a start that is held back", () =>
      web.run
        .starts()
        .slice(1)
        .some((start) => start.startedAt - last(rig, start, "web/run", "exit") >= aSecond),
    );
  },
});

line("RUNSV-16", "starts run again at once when it has run for a second or more", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["sleep 1.2", "exit 0"] });
    await rig.runsv(web);
    await web.run.started(attempts);
    const again = web.run.starts().slice(1);
    expect(Math.min(...again.map((start) => start.at - last(rig, start, "web/run", "exit")))).toBeLessThan(atOnce);
    for (const gap of gaps(web.run)) expect(gap).toBeGreaterThanOrEqual(1190);
  },
});

line("RUNSV-17", "finish starts at once, with the code and status of run", {
  ...finishArguments,
  stock: async (rig) => {
    const { exited, killed, terminated } = await endInThreeWays(rig);
    expect(exited.args).toEqual(["37", "0"]);
    expect(killed.args).toEqual(["-1", "9"]);
    expect(terminated.args).toEqual(["-1", "15"]);
  },
  ours: async (rig) => {
    const { exited, killed, terminated } = await endInThreeWays(rig);
    expect(exited.args).toEqual(["37", "0", "exited", `${exited.run.pgid}`]);
    expect(killed.args).toEqual(["-1", "9", "killed", `${killed.run.pgid}`]);
    expect(terminated.args).toEqual(["-1", "15", "terminated", `${terminated.run.pgid}`]);
  },
});

const startFailures = [
  {
    id: "RUNSV-18",
    title: "says about once a second that ./run does not exist",
    run: "absent",
    reason: "file does not exist",
    explanation: null,
  },
  {
    id: "RUNSV-19",
    title: "says about once a second that ./run cannot be executed",
    run: { text: "", mode: 0o644 },
    reason: "access denied",
    explanation: "it is not executable: chmod +x run",
  },
] as const;

for (const { id, title, run, reason, explanation } of startFailures) {
  const expectFailures = async (rig: TestRig, args: readonly string[], advice: string | null): Promise<void> => {
    const web = rig.service("web", { run, finish: ["exit 0"] });
    const runsv = await rig.runsv(web);
    await web.finish.started(attempts);
    // The second begins with run, which cannot be observed: a finish may come late, and then the next one comes soon.
    expectBetween(Math.max(...gaps(web.finish)), aSecond, muchLater);
    for (const { argv } of web.finish.starts()) expect(argv.slice(1)).toEqual(args);
    const message = `runsv web: fatal: unable to start ./run: ${reason}\n`;
    const messages = runsv.stderr().split(/(?<=\n)/);
    const advised = messages.filter((one) => one !== message);
    expect(messages.length - advised.length).toBeGreaterThanOrEqual(3);
    expect(advised).toEqual(advice === null ? [] : [`runsv web: warning: ./run: ${advice}\n`]);
  };
  line(id, `${title}, and runs finish with 111 0`, {
    stock: async (rig) => {
      await expectFailures(rig, ["111", "0"], null);
    },
    ours: async (rig) => {
      await expectFailures(rig, ["111", "0", "web", ""], explanation);
    },
    instead: `${title}, and runs finish with 111 0, the service's name and no group`,
    because: finishArguments.because,
  });
}

async function failToFinish(rig: TestRig): Promise<string> {
  const web = rig.service("web", { finish: { text: "", mode: 0o644 } });
  const runsv = await rig.runsv(web);
  await web.run.started();
  await web.run.exit(0);
  await web.run.started(2);
  return runsv.stderr();
}

const unableToFinish = "runsv web: fatal: unable to start ./finish: access denied\n";

line("RUNSV-20", "says that a finish cannot be executed, and starts run again", {
  stock: async (rig) => {
    expect(await failToFinish(rig)).toBe(unableToFinish);
  },
  ours: async (rig) => {
    const advice = "runsv web: warning: ./finish: it is not executable: chmod +x finish\n";
    expect(await failToFinish(rig)).toBe(`${unableToFinish}${advice}`);
  },
  instead: "says that a finish cannot be executed and what to do, and starts run again",
  because: "an operator who forgets chmod +x sees at once what is missing",
});

line("RUNSV-21", "starts run right after a finish that ends a second or more after the start of run", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["exit 0"], finish: ["sleep 1.5", "exit 0"] });
    await rig.runsv(web);
    await web.run.started(attempts);
    const again = web.run.starts().slice(1);
    expect(Math.min(...again.map((start) => start.at - last(rig, start, "web/finish", "exit")))).toBeLessThan(atOnce);
    for (const gap of gaps(web.run)) expect(gap).toBeGreaterThanOrEqual(1490);
  },
});

line("RUNSV-22", "shows the pid of finish, state finish, and still the time at which run started", {
  test: async (rig) => {
    const web = rig.service("web", { finish: [] });
    await rig.runsv(web);
    await web.run.started();
    await web.stat("run");
    const run = web.supervise.status();
    await web.run.exit(0);
    const { pid } = await web.finish.started();
    await web.stat("finish");
    // Stock runsv says finish a moment before the process exists.
    await rig.until("its pid", () => web.supervise.status().pid === pid);
    expect(web.supervise.status()).toEqual({ ...run, state: "finish", pid });
    expect(web.supervise.pid()).toBe(pid);
    web.supervise.control("d");
    await web.stat("finish, want down");
  },
});

line("RUNSV-59", "treats a finish that it cannot read as absent", {
  test: async (rig) => {
    const web = rig.service("web", { finish: ["exit 0"] });
    if (isRoot) chownSync(web.path, nobody, nobody);
    chmodSync(web.finish.path, isRoot ? 0o711 : 0o311);
    const runsv = await rig.runsv(web, isRoot ? { under: user(nobody, nobody) } : {});
    const { uid } = await web.run.started();
    expect(uid).toBe(isRoot ? nobody : process.getuid?.());
    await web.run.exit(0);
    await web.run.started(2);
    expect(web.finish.starts()).toHaveLength(0);
    // On a busy machine a runsv may take such a short run for one that has put itself into the background.
    expect(runsv.stderr()).not.toContain("finish");
  },
});

line("RUNSV-60", "adds 128 to the signal in finish's status when run left a core", {
  ...finishArguments,
  instead: "adds 128 to the signal in finish's status when run left a core (and gives finish the name and group)",
  stock: async (rig) => {
    const { args, status } = await dumpCore(rig);
    expect(args).toEqual(["-1", status]);
  },
  ours: async (rig) => {
    const { args, status, run } = await dumpCore(rig);
    expect(args).toEqual(["-1", status, "web", `${run.pgid}`]);
  },
});

line("RUNSV-61", "pays no heed to finish's exit code", {
  test: async (rig) => {
    const web = rig.service("web", { run: ["exit 0"], finish: ["exit 99"] });
    await rig.runsv(web);
    await web.run.started(3);
    const starts = rig.journal
      .events()
      .filter((event) => event.event === "start")
      .map((event) => event.role);
    expect(starts.slice(0, 5)).toEqual(["web/run", "web/finish", "web/run", "web/finish", "web/run"]);
  },
});

line("RUNSV-61", "neither starts run again nor exits while finish hangs", {
  test: async (rig) => {
    const web = rig.service("web", { finish: [], log: { run: ["trap HUP", "on-end", "log /dev/null"] } });
    const runsv = await rig.runsv(web);
    await web.run.started();
    // More than a second after the start of run, only finish holds the next start back.
    await web.run.tell("sleep 1");
    await web.run.exit(0);
    await web.finish.started();
    await web.turn();
    expect(web.run.starts()).toHaveLength(1);
    web.supervise.control("x");
    await web.stat("finish, want exit");
    await web.turn();
    expect(runsv.ending).toBeUndefined();
    await web.finish.exit(0);
    await web.logStat("run, want exit");
    await web.log.run.exit(0);
    expect((await rig.result(runsv)).code).toBe(0);
    expect(web.run.starts()).toHaveLength(1);
  },
});

interface Finished {
  readonly args: readonly string[];
  readonly run: Start;
}

async function endInThreeWays(rig: TestRig): Promise<Record<"exited" | "killed" | "terminated", Finished>> {
  const finished = async (name: string, end: (service: ScriptedService) => unknown): Promise<Finished> => {
    const service = rig.service(name, { finish: ["exit 0"] });
    await rig.runsv(service);
    for (let attempt = 1; ; attempt += 1) {
      const run = await service.run.started(attempt);
      await end(service);
      const finish = await service.finish.started(attempt);
      const { at } = service.run.events().findLast((event) => event.event !== "start") ?? run;
      // If it were held back like a restart, it would come a second after the end of run.
      const waited = finish.at - at;
      if (attempt === attempts) expect(waited).toBeLessThan(atOnce);
      if (waited < atOnce) return { args: finish.argv.slice(1), run };
    }
  };
  const [exited, killed, terminated] = await Promise.all([
    finished("exited", async ({ run }) => {
      await run.exit(37);
    }),
    finished("killed", async ({ run }) => {
      await run.die("KILL");
    }),
    finished("terminated", async ({ run }) => {
      await run.die("TERM");
    }),
  ]);
  return { exited, killed, terminated };
}

/** Asks the kernel where it puts cores, because on that depends whether it writes one. */
async function dumpCore(rig: TestRig): Promise<Finished & { readonly status: string }> {
  const web = rig.service("web", { finish: ["exit 0"] });
  const under = limit("-c unlimited");
  const ask = "my $pid = fork; if (!$pid) { kill SEGV => $$; sleep 9 } waitpid $pid, 0; print $? & 255";
  const { stdout: status } = await rig.run("perl", ["-e", ask], { under, cwd: web.path });
  expect(["11", "139"]).toContain(status);
  await rig.runsv(web, { under });
  const run = await web.run.started();
  await web.run.die("SEGV");
  return { args: (await web.finish.started()).argv.slice(1), run, status };
}

/** Time of the last such event before a start. */
function last(rig: TestRig, before: Start, role: string, event: JournalEvent["event"]): number {
  const events = rig.journal.events();
  const index = events.findIndex((one) => one.event === "start" && one.pid === before.pid && one.at === before.at);
  const found = events.slice(0, index).findLast((one) => one.role === role && one.event === event);
  if (found === undefined) throw new Error(`no ${event} of ${role} before start ${before.pid}`);
  return found.at;
}

/** Milliseconds between one start and the next, by the kernel's clock. */
function gaps(program: ScriptedProgram): readonly number[] {
  const times = program.starts().map((start) => start.startedAt);
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

function expectBetween(value: number, low: number, high: number): void {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
}
