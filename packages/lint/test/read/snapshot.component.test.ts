import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

import { afterEach, beforeEach, expect, test } from "vitest";

import { lint } from "@upkeep/lint/core/lint";
import { takeSnapshot } from "@upkeep/lint/read/snapshot";

let path = "";
beforeEach(() => {
  path = mkdtempSync(`${tmpdir()}/upkeep-lint-`);
  mkdirSync(`${path}/etc`);
  writeFileSync(`${path}/etc/passwd`, "root:x:0:0::/:/bin/sh\n");
});
afterEach(() => rmSync(path, { recursive: true }));

function script(file: string, text: string): void {
  mkdirSync(`${path}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
  writeFileSync(`${path}/${file}`, text);
  chmodSync(`${path}/${file}`, 0o755);
}

const lintIn = (...directories: readonly string[]): readonly string[] => {
  const findings = lint(
    takeSnapshot(
      directories.map((one) => `${path}/${one}`),
      { root: path, isReadOnly: false },
    ),
  );
  return findings.map(({ rule, file, line }) => `${file.slice(path.length)}:${line} ${rule}`);
};

test("the services of a scan directory are read, also through links, and none that begins with a dot", () => {
  script("bin/sh", "");
  script("sv/web/run", "#!/bin/sh\nexec chpst -u web my-daemon\n");
  script("sv/bad/run", "#!/bin/none\n");
  mkdirSync(`${path}/service/.hidden`, { recursive: true });
  symlinkSync("../sv/web", `${path}/service/web`);
  symlinkSync("../sv/gone", `${path}/service/gone`);
  writeFileSync(`${path}/service/README`, "");
  expect(lintIn("service")).toEqual(["/service/gone:null leads-nowhere", "/service/web/run:2 unknown-user"]);
  expect(lintIn("sv/bad", "service/web/")).toEqual([
    "/sv/bad/run:1 interpreter-missing",
    "/service/web/run:2 unknown-user",
  ]);
});

test("a service directory knows the services beside it, and what others may write to", () => {
  script("bin/sh", "");
  script("sv/web/run", "#!/bin/sh\nexec my-daemon\n");
  script("sv/web/dependencies.d/db", "");
  script("sv/web/dependencies.d/cache", "");
  mkdirSync(`${path}/sv/db`);
  chmodSync(`${path}/sv/web`, 0o777);
  symlinkSync("/run/nowhere", `${path}/sv/web/supervise`);
  expect(lintIn("sv/web")).toEqual([
    "/sv/web/dependencies.d/cache:null dependency-unknown",
    "/sv/web:null writable-by-others",
  ]);
});

test("a program that is no text is no script, and links within the directory are followed", () => {
  script("sv/web/real", "\x7fELF\0\0");
  symlinkSync("real", `${path}/sv/web/run`);
  expect(lintIn("sv/web")).toEqual([]);
});

test("a directory that is not there is an error", () => {
  expect(() => lintIn("none")).toThrow(/unable to open directory .*none: file does not exist/);
});
