import * as fc from "fast-check";
import { expect, test } from "vitest";

import { HandMachine } from "../helpers/hand-machine.ts";

/** What can happen to a machine, by name. */
const happenings: Readonly<Record<string, (machine: HandMachine) => unknown>> = {
  cont: (machine) => machine.signal("SIGCONT"),
  int: (machine) => machine.signal("SIGINT"),
  alrm: (machine) => machine.signal("SIGALRM"),
  stopit: (machine) => (machine.isStopAsked = true),
  ctrlaltdel: (machine) => (machine.hasCtrlAltDel = true),
  "stage fails": (machine) => machine.exit(1),
  "stage wants again": (machine) => machine.exit(111),
  "stage crashes": (machine) => machine.crash(),
  "no process": (machine) => machine.failures.push({ errno: 11, isFork: true }),
  "no file": (machine) => machine.failures.push({ errno: 2, isFork: false }),
  orphan: (machine) => machine.exit(0, 9_999),
  "time passes": (machine) => machine.turn(5000),
};

test("a script of ctrl-alt-del that waits for a process is not started after the end", () => {
  const machine = HandMachine.in("3");
  machine.state = { ...machine.state, request: { kind: "paused", until: machine.now + 5000 } };
  machine.exit(0).turn(10_000);
  expect(machine.done().at(-1)).toMatch(/^command /);
});

test("whatever happens, PWR in stage 2 brings the machine to its end, which comes once", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Object.keys(happenings)), { maxLength: 40 }), (names) => {
      const machine = new HandMachine().begin();
      for (const name of names) happenings[name]?.(machine);
      machine.failures.length = 0;
      // Stage by stage: a pause is waited for, a stage that runs ends, and stage 2 is ended by PWR.
      for (let rounds = 0; rounds < 12; rounds++) {
        machine.turn(5000).signal("SIGPWR");
        if (machine.pid() !== 0) machine.exit(0);
      }
      const done = machine.done();
      expect(done.filter((what) => what === "killAll")).toHaveLength(1);
      expect(done.at(-1)).toMatch(/^command /);
      expect(machine.state.phase.kind).toBe("ending");
    }),
  );
});
