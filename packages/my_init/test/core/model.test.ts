import * as fc from "fast-check";
import { expect, test } from "vitest";

import { HandContainer } from "../helpers/hand-container.ts";

/** What can happen to a container, by name. */
const happenings: Readonly<Record<string, (container: HandContainer) => unknown>> = {
  hup: (container) => container.signal("SIGHUP"),
  usr1: (container) => container.signal("SIGUSR1"),
  "somebody exits": (container) => exitOf(container, 0),
  "somebody fails": (container) => exitOf(container, 3),
  "the last one fails": (container) => exitOf(container, 3, -1),
  "no process": (container) => container.failures.push({ errno: 11, isFork: true }),
  "no file": (container) => container.failures.push({ errno: 2, isFork: false }),
  orphan: (container) => container.orphansEnd(9999),
  "orphans stay": (container) => (container.orphans = ["x (PID 7)"]),
  "time passes": (container) => container.turn(700),
};

const endings: typeof happenings = {
  ...happenings,
  term: (container) => container.signal("SIGTERM"),
  int: (container) => container.signal("SIGINT"),
};

function exitOf(container: HandContainer, code: number, at = 0): void {
  const name = container.names().at(at);
  if (name !== undefined) container.exit(name, code);
}

const facts = fc.record({
  enableInsecureKey: fc.boolean(),
  skipStartupFiles: fc.boolean(),
  skipRunit: fc.boolean(),
  killAllOnExit: fc.boolean(),
  mainCommand: fc.constantFrom(null, "app"),
});
const scripts = { startup: ["/a", "/b"], rcLocal: ["/rc"], preShutdown: ["/p", "/q"], postShutdown: ["/z"] };
const names = (of: typeof happenings): fc.Arbitrary<string[]> =>
  fc.array(fc.constantFrom(...Object.keys(of)), { maxLength: 30 });

test("whatever happened, and even if nothing ever ends, a stop is over within 9 s, once", () => {
  fc.assert(
    fc.property(facts, names(happenings), names(endings), (given, before, meanwhile) => {
      const container = new HandContainer(given, scripts).begin();
      for (const name of before) happenings[name]?.(container);
      const begun = container.state.stop?.since;
      container.signal("SIGTERM");
      const since = begun ?? container.now;
      for (const name of meanwhile) endings[name]?.(container);
      container.orphans = ["x (PID 7)"];
      container.turn(Math.max(0, since + 9000 - container.now));
      expect(container.state.phase.kind).toBe("ended");
      expect(container.done().filter((what) => what.startsWith("end "))).toHaveLength(1);
    }),
  );
});

test("nobody but a child that has not been reaped is ever signalled", () => {
  fc.assert(
    fc.property(facts, names(endings), (given, events) => {
      const container = new HandContainer(given, scripts).begin();
      for (const name of events) {
        endings[name]?.(container);
        // By its name while it lives, by its number otherwise.
        expect(container.done().filter((what) => /^SIG[A-Z0-9]+ \d+$/.test(what))).toEqual([]);
      }
    }),
  );
});
