/*
 * Story 002: a web server, monitoring, service discovery, and a debugging tool that runs on demand. Each of them can be
 * restarted alone. The container lives as long as the web server can be kept alive. Nothing piles up.
 */
import { expect } from "vitest";
import { freePort } from "../rig/process/ports.ts";
import { listensOn, smallServer } from "../rig/scripted/small-server.ts";
import { inNamespace, inPodman, type Story } from "../rig/container/story.ts";

function layOut(story: Story, port: number): void {
  story
    .script("webserver/run", "if [ -e /etc/story/broken ]; then exit 42; fi", `exec perl server.pl ${port} hello`)
    .file("webserver/server.pl", smallServer)
    .script("webserver/check", listensOn(port))
    .file("webserver/restart-delay", "10\n")
    .file("webserver/restart-limit", "3 60\n")
    .file("webserver/flag-critical");
  story.script("monitoring/run", "echo watching", "exec sleep 1000").file("monitoring/dependencies.d/webserver");
  story
    .script(
      "discovery/run",
      "if [ -e /etc/story/storm ]; then",
      // Its leftovers have no parent any more.
      "  setsid sleep 0.01 &",
      "  exit 1",
      "fi",
      'echo "announcing$(cat /etc/story/after)"',
      "exec sleep 1000",
    )
    .file("discovery/restart-delay", "1\n");
  story.script("debugging-tool/run", "echo debugging", "exec sleep 1000").file("debugging-tool/down");
}

async function tell(story: Story, port: number, crashes: number): Promise<void> {
  layOut(story, port);
  story.record("after");
  await story.start({ env: { UPKEEP_PREFIX_LOGS: "1" } });
  const web = await story.state("webserver", { ready: true });
  const monitoring = await story.state("monitoring", { state: "run" });
  await story.state("discovery", { state: "run" });
  await story.state("debugging-tool", { state: "down", want: "down" });

  expect((await story.exec("sv", "-w", "90", "restart", "webserver")).code).toBe(0);
  const again = await story.state("webserver", { ready: true, starts: 2 });
  expect(again["pid"]).not.toBe(web["pid"]);
  expect(story.stateNow("monitoring")["pid"]).toBe(monitoring["pid"]);
  await story.answers(port, "hello\n");

  expect((await story.exec("sv", "-w", "90", "start", "debugging-tool")).code).toBe(0);
  await story.shows("debugging-tool | debugging\n");
  expect((await story.exec("sv", "-w", "90", "stop", "debugging-tool")).code).toBe(0);
  expect(story.stateNow("debugging-tool")).toMatchObject({ state: "down", want: "down" });

  story.record("storm");
  await story.sh("sv term discovery");
  await story.restarts("discovery", crashes);
  // This must not be the state before the restart.
  await story.sh("echo ' again' >/etc/story/after; rm /etc/story/storm");
  await story.shows("discovery | announcing again\n");
  await story.state("discovery", { state: "run" });
  const all = ["monitoring", "discovery"].map((name) => String(story.stateNow(name)["pid"]));
  // Four belong to runsv; the others are the web server and the shell that asks.
  await story.sh("until [ $(ps -e -o comm= | grep -cvx -e ps -e sh -e grep) = 8 ]; do sleep 0.1; done");
  const processes = await story.sh("ps -e -o pid=,stat=,comm=");
  expect(processes).not.toMatch(/ Z/);
  for (const pid of all) expect(processes).toMatch(new RegExp(`^ *${pid} \\S+ +sleep$`, "m"));

  story.record("broken");
  await story.sh("kill -KILL $(cat /etc/service/webserver/supervise/pid)");
  expect(await story.ended()).toBe(42);
  const { out, err } = await story.said();
  expect(out.filter((line) => !/^(?:webserver|monitoring|discovery|debugging-tool) \| \w/.test(line))).toEqual([]);
  for (const name of ["webserver | listens on", "monitoring | watching", "discovery | announcing"]) {
    expect(out.some((line) => line.startsWith(name))).toBe(true);
  }
  expect(err).toEqual([
    "runsv webserver: warning: giving up: 4 failures within 60 seconds, the last time ./run exited 42",
    "runsvdir /etc/service: warning: critical service webserver has ended with exit code 42, stopping all services",
  ]);
}

const title = "story 002: one is restarted alone, the container ends with the web server's code, and no zombie stays";

inPodman(title, async (story) => {
  // As many as in an hour of a service that crashes every twenty seconds.
  await tell(story, 8080, 180);
});

inNamespace(title, async (story) => {
  await tell(story, await freePort(), 60);
});
