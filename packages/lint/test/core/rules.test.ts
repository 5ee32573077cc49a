import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { lint, rules } from "@upkeep/lint/core/lint";
import type { FileSnapshot, ServiceSnapshot, Snapshot } from "@upkeep/lint/core/snapshot";

import { type Example, examples, type Pair } from "../examples.ts";

const executable = /(?:^|\/)(?:run|finish|check)$|^control\//;

function fileFrom(name: string, content: string): FileSnapshot {
  const [, mode, text = content] = /^(0\d\d\d) ([\s\S]*)$/.exec(content) ?? [];
  const usual = executable.test(name) ? 0o755 : 0o644;
  const kind = content === "nothing" ? "nothing" : "file";
  return { kind, isLink: false, mode: mode === undefined ? usual : Number.parseInt(mode, 8), text, changed: 0 };
}

function snapshotOf(name: string, example: Example, { beside = {}, isReadOnly = false }: Pair): Snapshot {
  const all: Record<string, Example> = { [name]: example, ...beside };
  const directory: FileSnapshot = { kind: "directory", isLink: false, mode: 0o755, text: null, changed: 0 };
  const services = Object.entries(all).map(([own, files]): ServiceSnapshot => {
    const named = Object.entries(files).map(([file, content]) => [file, fileFrom(file, content)] as const);
    const log = Object.keys(files).some((file) => file.startsWith("log/")) ? [["log", directory] as const] : [];
    const siblings = new Set(Object.keys(all));
    return { name: own, path: `/sv/${own}`, files: new Map([[".", directory], ...log, ...named]), siblings };
  });
  return {
    services,
    interpreters: new Set(["/bin/sh", "/usr/bin/env"]),
    users: new Set(["root", "web", "nginx"]),
    isReadOnly,
  };
}

const found = (name: string, example: Example, pair: Pair): readonly string[] =>
  lint(snapshotOf(name, example, pair))
    .filter(({ file }) => file === `/sv/${name}` || file.startsWith(`/sv/${name}/`))
    .map(({ rule }) => rule);

test("each rule has a bad and a good example, and a line in the manual", () => {
  const manual = readFileSync(`${import.meta.dirname}/../../../../docs/lint.md`, "utf8");
  const ids = rules.map(({ id }) => id);
  expect(Object.keys(examples).toSorted()).toEqual(ids.toSorted());
  const rows = [...manual.matchAll(/^\| `([\w-]+)` +\| (error|warning) /gm)].map(
    ([, id, severity]) => `${id} ${severity}`,
  );
  expect(rows.toSorted()).toEqual(rules.map(({ id, severity }) => `${id} ${severity}`).toSorted());
});

test.each(Object.entries(examples))("%s finds its bad example, and nothing else does", (id, pair) => {
  const name = id === "name-unfit" ? "we b" : "web";
  expect(found(name, pair.bad, pair)).toEqual([id]);
  expect(found("web", pair.good, pair)).toEqual([]);
});

const script = (...lines: readonly string[]): Example => ({ run: ["#!/bin/sh", ...lines, ""].join("\n") });

test.each([
  ["exec behind ||", script("type a && exec a || exec b")],
  ["a here-document", script("cat >x <<EOF", "my-daemon", "EOF", "exec my-daemon <<-'E'", "\tx &", "\tE")],
  ["a script that reads another", script(". /etc/default/web")],
  ["a loop", script("while :; do", "  work", "  sleep 60", "done")],
  ["quotes over several lines", script("exec sh -c '", "  one", "  two &", "'")],
  ["a comment that looks like a command", script("exec my-daemon # &")],
  ["redirection of both outputs", script("exec my-daemon >&2 2>&1")],
  ["options that are glued", script("exec /usr/sbin/sshd -De $OPTS")],
  ["the option in a variable", script(`OPTS="-e -D"`, "exec sshd $OPTS")],
  ["a log directory named like a daemon", script("exec chpst -unginx svlogd -tt /var/log/nginx")],
  ["nothing but preparations", script("mkdir -p /run/x")],
  ["no shell", { run: "#!/usr/bin/env python3\nserve()\n" }],
])("%s is no mistake", (_, example) => {
  expect(found("web", example, { bad: {}, good: {} })).toEqual([]);
});

test.each([
  ["background", script("exec my-daemon &")],
  ["daemonizes", script("exec sshd")],
  ["daemonizes", script("exec setuidgid web env -i A=1 cron -L 5")],
  ["daemonizes", script("exec php-fpm8.2 -y x")],
  ["daemonizes", script("service nginx start", "exec service nginx start")],
  ["no-exec", script("export A=1", "sleep infinity")],
  ["no-exec", script("a && b")],
])("%s is found in a script", (id, example) => {
  expect(found("web", example, { bad: {}, good: {} })).toEqual([id]);
});

test("a mistake is told with the line where the command begins", () => {
  const pair = examples["no-exec"];
  const [finding] = pair === undefined ? [] : lint(snapshotOf("web", pair.bad, pair));
  expect(finding).toMatchObject({ file: "/sv/web/run", line: 4, severity: "warning" });
});
