/*
 * A tree that `nobody` owns, with anything in the place of each file, on which root runs its commands: see fuzz.test.ts. And
 * what `nobody` sends to devlog.
 */
import { mkdirSync } from "node:fs";
import { execaSync } from "execa";
import { expect } from "vitest";
import { asNobody, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { standalone } from "../rig/core/suites.ts";
import { costSoFar, measured } from "../rig/process/measured.ts";
import { nobody, root } from "../rig/process/under.ts";
import { faultsOf, mostMemory, Outside, things } from "../rig/scripted/hostile-things.ts";
import { superviseHostile } from "../rig/scripted/hostile-tree.ts";
import { now, ScriptedSupervisor } from "../rig/scripted/supervisor.ts";

/** Gives a tree to `nobody`, but not through links, and not what has a name outside as well. */
function give(tree: string): void {
  const plain = ["(", "-links", "1", "-o", "-type", "d", ")"];
  execaSync("find", [tree, ...plain, "-exec", "chown", "-h", `${nobody}`, "{}", "+"]);
}

/** Words of sv that ask or wait in ways of their own. All ask the supervisor only: there is no `./check`. */
const ownWays = "status list health check start force-stop disable".split(" ");
/** Those that go the way of others. Each is tried with two things. */
const others = [
  "up down once pause cont hup alarm interrupt quit 1 2 term kill exit reload enable",
  "stop restart try-restart shutdown force-reload force-restart force-shutdown",
].flatMap((line) => line.split(" "));

function wordsFor(thing: string): readonly string[] {
  const [at, count] = [Object.keys(things).indexOf(thing), Object.keys(things).length];
  const isOfThing = (_: string, index: number): boolean => index % count === at || (index * 2 + 1) % count === at;
  return [...ownWays, ...others.filter(isOfThing)];
}

for (const [thing, make] of Object.entries(things)) {
  rigTest(
    `${thing} in a tree of another user stops, fills and misleads no command of root's`,
    [standalone],
    async (rig) => {
      using supervisors = new DisposableStack();
      const outside = new Outside(rig, make);
      const services = ["status", "state.json", "ok", "control", "lock", "stat", "pid", "stdout", "waiters"];
      for (const file of services) {
        const path = rig.path("tree", file);
        mkdirSync(path, { recursive: true });
        supervisors.use(new ScriptedSupervisor(path, { state: "run", at: now(), pid: 1, more: {} }));
        outside.put(rig.path("tree", file, "supervise", file));
      }
      outside.put(rig.path("tree/entry"));
      outside.put(rig.path("tree/env/NAME"));
      give(rig.path("tree"));
      const env = { SVDIR: rig.path("tree"), SVWAIT: "1" };
      const calls = wordsFor(thing).map(async (word) => {
        const answer = await measured(rig, "sv", [word, ...(word === "list" ? [] : services)], { env });
        return faultsOf(`sv ${word}`, answer, services.length + 2);
      });
      const read = measured(rig, "chpst", ["-e", rig.path("tree/env"), "true"]);
      const faults = [...(await Promise.all(calls)).flat(), ...faultsOf("chpst -e", await read)];
      expect([...faults, ...outside.changes()]).toEqual([]);
    },
    { needs: root },
  );

  rigTest(
    `${thing} in a tree of another user stops, fills and misleads no runsv of root's`,
    [standalone],
    async (rig) => {
      const outside = new Outside(rig, make);
      const faults = await superviseHostile(rig, (path) => outside.put(path), give);
      expect([...faults, ...outside.changes()]).toEqual([]);
    },
    { needs: root },
  );
}

/** Sends datagrams of random bytes, and of all sizes that a socket takes, until nobody reads it. */
const sender = `use Socket; $SIG{PIPE} = "IGNORE"; srand $ARGV[1];
socket(S, AF_UNIX, SOCK_DGRAM, 0); connect(S, pack_sockaddr_un($ARGV[0])) or die $!;
sub bytes { join "", map { chr int rand 256 } 1 .. shift }
for (my $sent = 0; ; $sent++) {
  my $text = (bytes(40), "<" . bytes(3) . ">" . bytes(60), "", "\\x1b]0;title\\x07\\nok: forged\\r" x 9, "<13>" . bytes(2) x 50000)[$sent % 5];
  exit !$sent unless defined syswrite S, $text;
}`;

rigTest(
  "whatever another user sends to devlog becomes harmless lines, and does not hold up its end",
  [standalone],
  async (rig) => {
    const devlog = rig.start("devlog", ["-d", "2", rig.path("log")]);
    await rig.until("the socket", () => devlog.stderr() !== "");
    const seed = String(Math.floor(Math.random() * 1e9));
    rig.note(`seed ${seed}`);
    const senders = [0, 1].map(() => rig.start("perl", ["-e", sender, rig.path("log"), seed], { under: asNobody }));
    await rig.until("many lines", () => devlog.stdout().split("\n").length > 1000);
    expect(costSoFar(devlog.pid).memory).toBeLessThan(2 * mostMemory);
    devlog.kill("SIGTERM");
    expect(await rig.result(devlog)).toMatchObject({ code: 0, stderr: "\n" });
    const lines = devlog.stdout().split("\n").slice(0, -1);
    expect(
      lines.filter((line) => !/^[a-z0-9]+\.[a-z]+: [\t\P{Cc}]*$/u.test(line)).map((line) => line.slice(0, 200)),
    ).toEqual([]);
    for (const one of senders) expect(await rig.result(one)).toMatchObject({ code: 0, stderr: "" });
  },
  { needs: twoUsers },
);
