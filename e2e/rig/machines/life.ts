/* A service's life, by the commands in PATH: start, crash, restart, log, stop. */
import { expect } from "vitest";

/** A text of sh. "$0" is a directory for the service and its log. It prints what {@link expectLife} expects, and nothing else. */
export const life = `set -e
exec 2>&1
upkeep --version --json
mkdir -p "$0/service/.web/log" "$0/log"
printf '#!/bin/sh\\necho started\\nexec sleep 86400\\n' >"$0/service/.web/run"
printf '#!/bin/sh\\nexec svlogd %s/log\\n' "$0" >"$0/service/.web/log/run"
chmod +x "$0/service/.web/run" "$0/service/.web/log/run"
mv "$0/service/.web" "$0/service/web"
runsvdir "$0/service" &
runsvdir=$!
has() { [ "$(grep -cs "$1" "$2" || :)" = "$3" ]; }
until has started "$0/log/current" 1; do sleep 0.1; done
kill -9 "$(cat "$0/service/web/supervise/pid")"
until has started "$0/log/current" 2; do sleep 0.1; done
sv -w 100 restart "$0/service/web"
until has started "$0/log/current" 3; do sleep 0.1; done
sv -w 100 down "$0/service/web"
sv status "$0/service/web"
kill -HUP "$runsvdir"
wait "$runsvdir" || echo "runsvdir: $?"
until ! sv status "$0/service/web" >/dev/null; do sleep 0.1; done
cat "$0/log/current"`;

/** Demands that a service has had its life. @param facts what `upkeep --version --json` has to tell. */
export function expectLife(printed: string, home: string, facts: Readonly<Record<string, unknown>>): void {
  expect(JSON.parse(printed.split("\n", 1)[0] ?? "")).toMatchObject(facts);
  const steady = printed
    .trimEnd()
    .replaceAll(home, "")
    .replaceAll(/\(pid \d+\)/g, "(pid N)")
    .replaceAll(/\b\d+s\b/g, "Ns");
  expect(steady.split("\n").slice(1)).toEqual([
    "ok: run: /service/web: (pid N) Ns",
    "ok: down: /service/web: Ns, normally up",
    "down: /service/web: Ns, normally up; run: log: (pid N) Ns",
    "runsvdir: 111",
    "started",
    "started",
    "started",
  ]);
}
