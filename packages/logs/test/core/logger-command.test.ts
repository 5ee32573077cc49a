import { expect, test } from "vitest";

import { loggerInScript } from "@upkeep/logs/core/logger-command";

test.each([
  ["#!/bin/sh\nexec svlogd -tt ./main\n", "svlogd", ["./main"]],
  ["exec chpst -u log svlogd -tt -l 1000 -b2048 /var/log/a '/var/log/b c'", "svlogd", ["/var/log/a", "/var/log/b c"]],
  ["exec /usr/bin/svlogd -ttl 1000 -- main", "svlogd", ["main"]],
  [
    "exec 2>&1\nexec setuidgid multilog multilog t s1000000 n10 '-*debug*' /var/log/x 2>/dev/null",
    "multilog",
    ["/var/log/x"],
  ],
  ["exec s6-setuidgid nobody s6-log -b -d 3 n20 s1000000 T /run/log/x", "s6-log", ["/run/log/x"]],
  ["exec \\\n  svlogd \\\n  main # the log", "svlogd", ["main"]],
])("%j writes where it says", (script, logger, directories) => {
  expect(loggerInScript(script)).toEqual({ logger, directories });
});

test.each(["", "exec logger -t web", 'exec svlogd "$LOGDIR"', "# svlogd"])("%j says nothing", (script) => {
  expect(loggerInScript(script)).toBeNull();
});
