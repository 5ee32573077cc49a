import type { Command } from "@upkeep/supervise/core/command";
import { describe, expect, test } from "vitest";

import { renderStatus } from "../../src/core/status.ts";
import { nextDeadline } from "../../src/core/supervisor.ts";
import { World, type Options } from "../helpers/world.ts";

/** What is done from here on. */
function since(world: World, act: () => void): readonly string[] {
  const before = world.done.length;
  act();
  return world.done.slice(before);
}

function stat(world: World): string {
  return renderStatus(world.state.service, "app").stat.trim();
}

const term = { kind: "killed", signal: 15, core: false } as const;
const kill = { ...term, signal: 9 } as const;

describe("starting and restarting", () => {
  test("a service is started at once, its log before it", () => {
    expect(new World().done).toEqual(["run"]);
    expect(new World({ log: "up" }).done).toEqual(["log run", "run"]);
    expect(new World({ log: "down", down: true }).done).toEqual([]);
  });

  test("after a second of uptime it is restarted at once", () => {
    const world = new World();
    world.pass(1000);
    expect(since(world, () => world.end(world.process()))).toEqual(["run"]);
  });

  test("one that ended within a second is restarted a second after its end", () => {
    const world = new World();
    world.pass(500);
    world.end(world.process());
    expect(since(world, () => world.pass(999))).toEqual([]);
    expect(since(world, () => world.pass(1))).toEqual(["run"]);
  });

  test("a finish of a second or more leaves nothing to wait for", () => {
    const world = new World({ hasFinish: true });
    world.end(world.process(), { kind: "exited", code: 37 });
    expect(world.done).toEqual(["run", "finish"]);
    expect(stat(world)).toBe("finish");
    world.pass(1000);
    expect(since(world, () => world.end(world.process("finish")))).toEqual(["run"]);
  });

  test("a run that cannot be executed counts as ended with 111, and is tried again each second", () => {
    const world = new World({ starts: "no exec", hasFinish: true });
    expect(world.state.service.lastExit).toMatchObject({ exit: null, group: null });
    world.end(world.process("finish"));
    expect(since(world, () => world.pass(3000))).toEqual(["run", "finish"]);
  });

  test("when no process can be made it is tried again after five seconds, wants unchanged", () => {
    const world = new World({ starts: "no fork" });
    world.options.starts = "works";
    expect(since(world, () => world.pass(4999))).toEqual([]);
    expect(since(world, () => world.pass(1))).toEqual(["run"]);
  });

  test("the throttle delays no command", () => {
    const world = new World();
    world.end(world.process());
    world.command("down");
    expect(stat(world)).toBe("down");
    expect(world.state.service.want).toBe("down");
    expect(since(world, () => world.pass(5000))).toEqual([]);
    expect(nextDeadline(world.state)).toBe(Infinity);
  });

  test("down and up within the throttle start it once, when that is over", () => {
    const world = new World();
    world.end(world.process());
    world.command("down", "up");
    expect(since(world, () => world.pass(999))).toEqual([]);
    expect(since(world, () => world.pass(5000))).toEqual(["run"]);
  });

  test("the log's throttle does not delay the service", () => {
    const world = new World({ log: "up" });
    world.pass(2000);
    world.end(world.process("run", "log"));
    world.end(world.process());
    expect(since(world, () => world.pass(999))).toEqual([]);
    expect(world.done.slice(-2)).toEqual(["log run", "run"]);
  });
});

describe("commands", () => {
  test.each<[Command[], string[], string]>([
    [["down"], ["TERM run", "CONT run"], "run, got TERM, want down"],
    [["exit"], ["TERM run", "CONT run"], "run, got TERM, want exit"],
    [["term"], ["TERM run"], "run, got TERM"],
    [["once", "term"], ["TERM run", "CONT run"], "run, got TERM, want down"],
    [["once"], [], "run, want down"],
    [["pause"], ["STOP run"], "run, paused"],
    [["pause", "cont"], ["STOP run", "CONT run"], "run"],
    [["pause", "term"], ["STOP run", "TERM run"], "run, paused, got TERM"],
    [["hup", "alarm", "interrupt"], ["HUP run", "ALRM run", "INT run"], "run"],
    [["quit", "1", "2", "kill"], ["QUIT run", "USR1 run", "USR2 run", "KILL run"], "run"],
    [["down", "up"], ["TERM run", "CONT run"], "run, got TERM"],
  ])("%j while it runs", (commands, done, text) => {
    const world = new World();
    expect(since(world, () => world.command(...commands))).toEqual(done);
    expect(stat(world)).toBe(text);
  });

  test.each<Command>(["pause", "cont", "hup", "kill", "term", "1", "down"])(
    "%s on a service that is down does nothing",
    (command) => {
      const world = new World({ down: true });
      expect(since(world, () => world.command(command))).toEqual([]);
      expect(stat(world)).toBe("down");
    },
  );

  test("once starts a service that is down, and does not restart it", () => {
    const world = new World({ down: true });
    expect(since(world, () => world.command("once"))).toEqual(["run"]);
    world.pass(2000);
    expect(since(world, () => world.end(world.process()))).toEqual([]);
    expect(since(world, () => world.pass(9000))).toEqual([]);
  });

  test("kill followed by up never makes a second copy", () => {
    const world = new World();
    expect(since(world, () => world.command("kill", "up"))).toEqual(["KILL run"]);
    world.pass(2000);
    expect(since(world, () => world.end(world.process(), { kind: "killed", signal: 9, core: false }))).toEqual(["run"]);
  });

  test("kill during finish kills that, and it is not run again", () => {
    const world = new World({ hasFinish: true });
    world.pass(2000);
    world.end(world.process());
    expect(since(world, () => world.command("kill"))).toEqual(["KILL finish"]);
    expect(since(world, () => world.end(world.process("finish")))).toEqual(["run"]);
  });

  test("with timeout-kill a service that ignores TERM is killed, once", () => {
    const settings: Options["settings"] = { timeoutKill: 700 };
    const world = new World({ settings });
    world.command("down");
    expect(since(world, () => world.pass(699))).toEqual([]);
    expect(since(world, () => world.pass(10_000))).toEqual(["KILL run"]);
  });
});

describe("control scripts", () => {
  test("a script holds back what comes after it, and its success replaces the signal", () => {
    const world = new World({ scripts: new Set(["t", "d"]) });
    expect(since(world, () => world.command("down", "up"))).toEqual(["script t"]);
    expect(since(world, () => world.end(world.process("script")))).toEqual(["CONT run", "script d"]);
    expect(stat(world)).toBe("run, want down");
    world.end(world.process("script"));
    expect(stat(world)).toBe("run");
  });

  test("the time of timeout-kill begins when the script has taken the place of TERM", () => {
    const world = new World({ scripts: new Set(["t"]), settings: { timeoutKill: 700 } });
    world.command("down");
    expect(since(world, () => world.pass(2000))).toEqual([]);
    expect(since(world, () => world.end(world.process("script")))).toEqual(["CONT run"]);
    expect(since(world, () => world.pass(699))).toEqual([]);
    expect(since(world, () => world.pass(10_000))).toEqual(["KILL run"]);
  });

  test("its failure lets the signal be sent", () => {
    const world = new World({ scripts: new Set(["h"]) });
    world.command("hup");
    expect(since(world, () => world.end(world.process("script"), { kind: "exited", code: 1 }))).toEqual(["HUP run"]);
  });

  test("the end of run while its script works is seen afterwards, and its pid is not signalled", () => {
    const world = new World({ scripts: new Set(["t"]) });
    world.pass(2000);
    world.command("term");
    world.end(world.process(), term);
    const done = since(world, () => world.end(world.process("script"), { kind: "exited", code: 1 }));
    expect(done).toEqual(["TERM nobody", "run"]);
  });

  test("control/u comes before every start", () => {
    const world = new World({ scripts: new Set(["u"]) });
    expect(world.done).toEqual(["script u"]);
    world.end(world.process("script"), { kind: "exited", code: 1 });
    world.pass(2000);
    world.end(world.process());
    expect(world.done).toEqual(["script u", "run", "script u"]);
  });

  test("a script that replaces STOP or KILL leaves the service as it is", () => {
    const world = new World({ scripts: new Set(["p", "k"]) });
    world.command("pause");
    world.end(world.process("script"));
    expect(stat(world)).toBe("run");
    world.command("kill", "up");
    world.end(world.process("script"));
    expect(stat(world)).toBe("run");
    expect(since(world, () => world.command("down"))).toEqual(["TERM run", "CONT run"]);
  });
});

describe("leftovers", () => {
  test("what is left of the group gets TERM and CONT, and is waited for before finish and restart", () => {
    const world = new World({ hasFinish: true, leftovers: 4 });
    world.pass(2000);
    expect(since(world, () => world.end(world.process()))).toEqual(["TERM group", "CONT group"]);
    expect(stat(world)).toBe("finish");
    expect(since(world, () => world.pass(100))).toEqual(["finish"]);
  });

  test("what does not go is killed after five seconds", () => {
    const world = new World({ leftovers: Infinity });
    world.pass(2000);
    world.end(world.process());
    expect(since(world, () => world.pass(4990))).toEqual([]);
    expect(since(world, () => world.pass(60))[0]).toBe("KILL group");
    world.options.leftovers = 0;
    expect(since(world, () => world.pass(60))).toContain("run");
  });

  test("what cannot be killed is given up with a warning", () => {
    const world = new World({ leftovers: Infinity });
    world.pass(2000);
    world.end(world.process());
    const done = since(world, () => world.pass(8000));
    expect(done.at(-2)).toMatch(/^warning: unable to end process group 1000/);
    expect(done.at(-1)).toBe("run");
  });

  test("a timeout-kill of 0 never kills them", () => {
    const settings: Options["settings"] = { timeoutKill: 0 };
    const world = new World({ leftovers: Infinity, settings });
    world.end(world.process());
    expect(since(world, () => world.pass(60_000))).toEqual([]);
    expect(since(world, () => world.command("kill"))).toContain("KILL group");
  });

  test("kept leftovers are not looked at", () => {
    const settings: Options["settings"] = { endsLeftovers: false };
    const world = new World({ leftovers: Infinity, settings });
    world.pass(2000);
    expect(since(world, () => world.end(world.process()))).toEqual(["run"]);
  });
});

describe("the end", () => {
  test("a service that is down exits at once", () => {
    const world = new World({ down: true });
    expect(since(world, () => world.command("exit"))).toEqual(["exit"]);
  });

  test("the exit waits for run and finish", () => {
    const world = new World({ hasFinish: true });
    world.command("exit");
    expect(since(world, () => world.end(world.process(), term))).toEqual(["finish"]);
    expect(since(world, () => world.end(world.process("finish")))).toEqual(["exit"]);
  });

  test("up before the end cancels it", () => {
    const world = new World();
    world.command("exit", "up");
    world.pass(2000);
    expect(since(world, () => world.end(world.process(), term))).toEqual(["run"]);
  });

  test("a logger gets its end of input, no signal, and is waited for; up comes too late then", () => {
    const world = new World({ log: "up" });
    world.command("exit");
    expect(since(world, () => world.end(world.process(), term))).toEqual(["end of log"]);
    expect(world.state.log?.want).toBe("exit");
    expect(since(world, () => world.command("up", "once", "kill"))).toEqual([]);
    expect(since(world, () => world.end(world.process("run", "log")))).toEqual(["exit"]);
  });

  test("a logger that pauses is started once more for the lines in the pipe, and no more", () => {
    const world = new World({ log: "up" });
    world.end(world.process("run", "log"));
    world.command("exit");
    // No pause, and its end of input at once.
    expect(since(world, () => world.end(world.process(), term))).toEqual(["log run", "end of log"]);
    expect(since(world, () => world.end(world.process("run", "log")))).toEqual(["exit"]);
  });

  test("a logger that leaves lines in the pipe is started once more for them, and no more", () => {
    const world = new World({ log: "up", linesInPipe: true });
    world.command("exit");
    expect(since(world, () => world.end(world.process(), term))).toEqual(["end of log"]);
    // No pause, although it has been started only now.
    expect(since(world, () => world.end(world.process("run", "log"), kill))).toEqual(["log run"]);
    expect(world.state.log?.want).toBe("exit");
    expect(since(world, () => world.command("up", "once"))).toEqual([]);
    expect(since(world, () => world.end(world.process("run", "log"), kill))).toEqual(["exit"]);
  });

  test("a logger that is wanted down is not", () => {
    const world = new World({ log: "up" });
    world.commandLog("down");
    world.end(world.process("run", "log"), term);
    world.command("exit");
    expect(since(world, () => world.end(world.process(), term))).toEqual(["exit"]);
  });

  test("exit is nothing for the logger, down and up are", () => {
    const world = new World({ log: "up" });
    expect(since(world, () => world.commandLog("exit"))).toEqual([]);
    expect(since(world, () => world.commandLog("down"))).toEqual(["TERM log run", "CONT log run"]);
    world.end(world.process("run", "log"), term);
    expect(since(world, () => world.pass(5000))).toEqual([]);
    expect(since(world, () => world.commandLog("up"))).toEqual(["log run"]);
  });

  test("nothing happens any more afterwards", () => {
    const world = new World({ down: true });
    world.command("exit", "up", "once");
    world.pass(10_000);
    expect(world.done).toEqual(["exit"]);
  });
});
