import { describe, expect, test } from "vitest";

import { HandContainer } from "../helpers/hand-container.ts";

const scripts = { preShutdown: ["/pre"], postShutdown: ["/post"] };
const killAll = ["SIGTERM to all", "SIGCONT to all"];

describe("a stop", () => {
  test("goes from the main command to the services, with the scripts around these", () => {
    const container = HandContainer.up({ mainCommand: "app" }, scripts);
    expect(container.signal("SIGTERM").done()).toEqual(["SIGTERM main", "SIGCONT main"]);
    expect(container.exit("main").done()).toEqual(["start /pre"]);
    expect(container.exit("/pre").done()).toEqual(["SIGTERM services"]);
    expect(container.exit("services").done()).toEqual(["start /post"]);
    expect(container.exit("/post").done()).toEqual([...killAll, "end 0"]);
  });

  test("ends the moment the last process is gone", () => {
    const container = HandContainer.up();
    container.orphans = ["one (PID 7)", "two (PID 8)"];
    container.signal("SIGTERM").exit("services");
    expect(container.done()).not.toContain("end 0");
    expect(container.orphansEnd(7, 8).done()).toEqual(["end 0"]);
  });

  test("without the services leaves their scripts out", () => {
    const container = HandContainer.up({ skipRunit: true, mainCommand: "app" }, scripts);
    expect(container.exit("main").done()).toEqual([...killAll, "end 0"]);
  });

  test("kills nobody else when that is not wanted", () => {
    const container = HandContainer.up({ killAllOnExit: false });
    container.orphans = ["one (PID 7)"];
    expect(container.signal("SIGTERM").exit("services").done()).toEqual(["SIGTERM services", "end 0"]);
  });

  test("during startup ends the file at work and begins no other", () => {
    const container = HandContainer.up({}, { startup: ["/a", "/b"], ...scripts }).signal("SIGTERM");
    expect(container.exit("/a").done()).toEqual(["SIGTERM /a", ...killAll, "end 0"]);
  });

  test("goes on without services that have died meanwhile", () => {
    const container = HandContainer.up({ mainCommand: "app" }).signal("SIGTERM").killed("services");
    expect(container.exit("main").done().slice(2)).toEqual([...killAll, "end 0"]);
  });

  test("names whom it waits for every 2 s", () => {
    const container = HandContainer.up({ mainCommand: "app -x" });
    container.signal("SIGTERM").done();
    expect(container.turn(1999).done()).toEqual([]);
    expect(container.turn(1).done()).toEqual(["Waiting for app -x (PID 101)"]);
    container.exit("main").exit("services").done();
    const lasting = HandContainer.up({ skipRunit: true, mainCommand: "app" });
    lasting.orphans = Array.from({ length: 10 }, (_, at) => `x (PID ${at})`);
    lasting.exit("main").done();
    expect(lasting.turn(2000).done()).toEqual([
      "Waiting for x (PID 0), x (PID 1), x (PID 2), x (PID 3), x (PID 4), x (PID 5), x (PID 6), x (PID 7) and 2 more",
    ]);
  });

  test("names whom it kills in the end", () => {
    const container = HandContainer.up({ skipRunit: true, mainCommand: "app" });
    container.orphans = ["x (PID 7)"];
    container.exit("main").turn(8000).done();
    expect(container.turn(400).done()).toEqual(["SIGKILL to all", "unable to stop x (PID 7) in time, sending kill"]);
    expect(container.turn(200).done()).toEqual(["end 0"]);
  });

  test("kills a main command that does not end, and tells so by 137", () => {
    const container = HandContainer.up({ mainCommand: "app", skipRunit: true }).signal("SIGTERM");
    container.turn(3000);
    expect(container.done().slice(-2)).toEqual(["unable to stop app (PID 100) in time, sending kill", "SIGKILL main"]);
    expect(container.killed("main").done().at(-1)).toBe("end 137");
  });

  test("tells runsvdir to kill its services, and then kills it", () => {
    const container = HandContainer.up().signal("SIGTERM");
    container.turn(6200);
    expect(container.done()).toEqual(["SIGTERM services", "SIGUSR2 services"]);
    container.turn(1000);
    expect(container.done()).toEqual(["unable to stop runsvdir (PID 100) in time, sending kill", "SIGKILL services"]);
  });

  test("gives each step the time that was asked for", () => {
    const container = HandContainer.up({ mainCommand: "app", budget: { process: 30_000, all: 60_000 } });
    container.signal("SIGTERM").turn(29_999);
    expect(container.done()).not.toContain("SIGKILL main");
    expect(container.turn(1).done()).toContain("SIGKILL main");
    container.orphans = ["x (PID 7)"];
    container.killed("main").turn(29_999).exit("services").done();
    container.turn(59_999);
    expect(container.done()).not.toContain("SIGKILL to all");
    expect(container.turn(1).done()).toContain("SIGKILL to all");
  });
});

describe("a stop asked for again", () => {
  test("at once is the same request", () => {
    const container = HandContainer.up().signal("SIGTERM");
    container.done();
    expect(container.turn(499).signal("SIGTERM").done()).toEqual([]);
  });

  test("has a second left for each step", () => {
    const container = HandContainer.up({ mainCommand: "app", budget: { process: 60_000, all: 60_000 } });
    container.signal("SIGTERM").turn(500).signal("SIGTERM").done();
    expect(container.turn(999).done()).toEqual([]);
    expect(container.turn(1).done()).toContain("SIGKILL main");
    container.killed("main").done();
    expect(container.turn(999).done()).toEqual([]);
    expect(container.turn(1).done()).toEqual(["SIGUSR2 services"]);
  });

  test("for the third time kills everything", () => {
    const container = HandContainer.up({ mainCommand: "app", budget: { process: 60_000, all: 60_000 } }, scripts);
    container.signal("SIGTERM").turn(500).signal("SIGTERM").turn(500).done();
    expect(container.signal("SIGTERM").done()).toEqual([
      "Asked to stop again: killing all processes.",
      "SIGKILL main",
      "SIGKILL services",
      "SIGKILL to all",
      "SIGKILL to all",
    ]);
    container.killed("services");
    expect(container.killed("main").done().at(-1)).toBe("end 137");
  });
});
