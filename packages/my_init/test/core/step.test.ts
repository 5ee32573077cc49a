import { errno } from "@upkeep/linux/core/errno";
import { describe, expect, test } from "vitest";

import { nextDeadline } from "../../src/core/step.ts";
import { HandContainer } from "../helpers/hand-container.ts";

const killAll = ["SIGTERM to all", "SIGCONT to all"];
const noFile = { errno: errno.ENOENT, isFork: false };

describe("startup", () => {
  test("runs the files one after the other, takes over their variables, and starts the services last", () => {
    const container = new HandContainer({}, { startup: ["/a", "/b"], rcLocal: ["/etc/rc.local"] }).begin();
    expect(container.done()).toEqual(["start /a"]);
    expect(container.exit("/a").done()).toEqual(["reload", "start /b"]);
    expect(container.exit("/b").done()).toEqual(["reload", "start /etc/rc.local"]);
    expect(container.exit("/etc/rc.local").done()).toEqual(["reload", "start services"]);
    expect(nextDeadline(container.state)).toBe(Infinity);
  });

  test("options leave parts out", () => {
    const scripts = { startup: ["/a"], rcLocal: ["/etc/rc.local"] };
    expect(new HandContainer({ skipStartupFiles: true }, scripts).begin().done()).toEqual(["start services"]);
    const bare = { skipStartupFiles: true, skipRunit: true, mainCommand: "true" };
    expect(new HandContainer(bare, scripts).begin().done()).toEqual(["start main"]);
  });

  test("the insecure key comes first, and changes no variables", () => {
    const container = new HandContainer({ enableInsecureKey: true }, { startup: ["/a"] }).begin();
    expect(container.done()).toEqual(["start /usr/sbin/enable_insecure_key"]);
    expect(container.exit("/usr/sbin/enable_insecure_key").done()).toEqual(["start /a"]);
  });

  test("a file that fails ends the container with its code, without shutdown scripts", () => {
    const container = HandContainer.up({}, { startup: ["/a", "/b"], preShutdown: ["/pre"], postShutdown: ["/post"] });
    expect(container.exit("/a", 7).done()).toEqual(["/a failed with status 7", ...killAll, "end 7"]);
  });

  test("a file that is killed counts as 128 and the signal", () => {
    expect(
      HandContainer.up({}, { startup: ["/a"] })
        .killed("/a", 9)
        .done()
        .at(-1),
    ).toBe("end 137");
  });

  test("a file that cannot be executed ends it as a shell would", () => {
    const container = new HandContainer({}, { startup: ["/a"] });
    container.failures.push({ errno: errno.ENOEXEC, isFork: false });
    expect(container.begin().done()).toEqual([
      "start /a",
      "unable to run /a: exec format error",
      ...killAll,
      "end 126",
    ]);
  });

  test("services that are not there end it", () => {
    const container = new HandContainer();
    container.failures.push(noFile);
    expect(container.begin().done().at(-1)).toBe("end 127");
  });

  test("services wait for a process to be had, and the main command for the services", () => {
    const container = new HandContainer({ mainCommand: "app" });
    container.failures.push({ errno: errno.EAGAIN, isFork: true });
    expect(container.begin().done()).toEqual(["start services", "unable to run runsvdir: temporary failure"]);
    expect(container.turn(1000).done()).toEqual(["start services", "start main"]);
  });
});

describe("the exit code", () => {
  test("is the main command's", () => {
    expect(HandContainer.up({ mainCommand: "app", skipRunit: true }).exit("main", 3).done().at(-1)).toBe("end 3");
  });

  test("is 128 and the signal that killed the main command", () => {
    expect(HandContainer.up({ mainCommand: "app", skipRunit: true }).killed("main", 6).done().at(-1)).toBe("end 134");
  });

  test("is 127 for a main command that is not there, which is said", () => {
    const container = new HandContainer({ mainCommand: "app", skipRunit: true });
    container.failures.push(noFile);
    expect(container.begin().done()).toEqual([
      "start main",
      "unable to run app: file does not exist",
      ...killAll,
      "end 127",
    ]);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("is 0 after %s without a main command", (signal) => {
    const container = HandContainer.up().signal(signal);
    expect(container.done()).toEqual(["SIGTERM services"]);
    expect(container.exit("services").done()).toEqual([...killAll, "end 0"]);
  });

  test("is the main command's after TERM, too", () => {
    for (const [end, code] of [
      [(container: HandContainer) => container.exit("main", 0), 0],
      [(container: HandContainer) => container.exit("main", 5), 5],
      [(container: HandContainer) => container.killed("main", 15), 143],
    ] as const) {
      const container = HandContainer.up({ mainCommand: "app", skipRunit: true }).signal("SIGTERM");
      expect(end(container).done().at(-1)).toBe(`end ${code}`);
    }
  });

  test("tells that TERM kept the main command from beginning", () => {
    const container = HandContainer.up({ mainCommand: "app" }, { startup: ["/a"] }).signal("SIGTERM");
    expect(container.done()).toEqual(["SIGTERM /a"]);
    expect(container.killed("/a", 15).done()).toEqual([...killAll, "end 143"]);
  });

  test("is that of services which end by themselves", () => {
    const container = HandContainer.up().exit("services", 100);
    expect(container.done()).toEqual(["runsvdir exited with status 100", ...killAll, "end 100"]);
  });

  test("is a shutdown script's where all else went well; the others run all the same", () => {
    const container = HandContainer.up({}, { preShutdown: ["/pre", "/next"], postShutdown: ["/post"] });
    expect(container.signal("SIGTERM").done()).toEqual(["start /pre"]);
    expect(container.exit("/pre", 4).done()).toEqual(["/pre failed with status 4", "start /next"]);
    container.exit("/next").exit("services").exit("/post");
    expect(container.done().at(-1)).toBe("end 4");
  });
});

describe("signals", () => {
  test.each(["SIGHUP", "SIGUSR1", "SIGWINCH"] as const)("%s is passed to the main command", (signal) => {
    expect(HandContainer.up({ mainCommand: "app" }).signal(signal).done()).toEqual([`${signal} main`]);
  });

  test("HUP without a main command looks for services, others do nothing", () => {
    expect(HandContainer.up().signal("SIGHUP").done()).toEqual(["SIGALRM services"]);
    expect(HandContainer.up().signal("SIGUSR1").done()).toEqual([]);
    expect(
      HandContainer.up({}, { startup: ["/a"] })
        .signal("SIGHUP")
        .done(),
    ).toEqual([]);
  });

  test("orphans that end are no news", () => {
    expect(HandContainer.up().orphansEnd(4711, 4712).done()).toEqual([]);
  });

  test("services that die beside a main command come back after a second", () => {
    const container = HandContainer.up({ mainCommand: "app" }).killed("services");
    expect(container.done()).toEqual(["runsvdir was killed by signal 9"]);
    expect(container.turn(999).done()).toEqual([]);
    expect(container.turn(1).done()).toEqual(["start services"]);
  });

  test("a critical service that ends them ends the container, too, with their code", () => {
    const container = HandContainer.up({ mainCommand: "app" }).post({ kind: "critical" });
    expect(container.done()).toEqual([]);
    expect(container.exit("services", 7).done()).toEqual([
      "runsvdir exited with status 7",
      "SIGTERM main",
      "SIGCONT main",
    ]);
    container.exit("main", 0);
    expect(container.done().at(-1)).toBe("end 7");
  });
});
