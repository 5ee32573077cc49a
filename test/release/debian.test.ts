import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import {
  debianVersion,
  isUnreachable,
  libcNeededBy,
  maintainerOf,
  renderChangelog,
  renderControl,
  renderCopyright,
} from "../../scripts/release/debian/control.ts";
import { rootManifest } from "../../scripts/manifest.ts";
import { aliasedPaths } from "../../scripts/release/debian/package.ts";
import { installedSize, renderConffiles, renderSums } from "../../scripts/release/debian/tree.ts";
import type { LayerEntry } from "../../scripts/image/layer.ts";

const facts = { version: "1.2.3", architecture: "arm64", libc: "2.17", installedSize: 100 } as const;
const author = "Upkeep contributors <upkeep@example.org>";
const maintainer = maintainerOf({}, author);

const entry = (path: string, content = ""): LayerEntry => {
  return { kind: "file", path, mode: 0o644, content: Buffer.from(content) };
};

test("the package takes the place of runit, and gives what others depend on", () => {
  const fields = renderControl(facts, maintainer).split("\n");
  expect(fields).toEqual(
    expect.arrayContaining([
      "Version: 1.2.3-1",
      "Architecture: arm64",
      "Maintainer: Upkeep contributors <upkeep@example.org>",
      "Depends: libc6 (>= 2.17), runit-helper (>= 2.14.0~), sysuser-helper (>= 1.3.3)",
      "Provides: runit (= 2.1.2-54)",
      "Conflicts: runit, runit-init",
      "Replaces: runit",
    ]),
  );
  // Lines of the description begin with a blank, and are not wider than a terminal.
  expect(fields.slice(fields.findIndex((line) => line.startsWith("Description:")) + 1).join("\n")).toMatch(
    /^(?: .{1,79}\n)+$/,
  );
});

test("whoever distributes it is the maintainer", () => {
  expect(maintainerOf({ DEBFULLNAME: "A B", DEBEMAIL: "a@b.test" }, author)).toBe("A B <a@b.test>");
  expect(() => maintainerOf({}, "nobody")).toThrow("no name with an address");
});

test("the author of the repository is the maintainer otherwise, and it is told if nobody can reach him", () => {
  expect(maintainerOf({}, rootManifest().author)).toBe(rootManifest().author);
  expect(isUnreachable(maintainer)).toBe(true);
  expect(isUnreachable("A B <a@b.test>")).toBe(false);
});

test("the changelog has the form that dpkg reads", () => {
  expect(renderChangelog("1.2.3", maintainer, new Date("2026-12-03T09:08:07Z"))).toBe(
    `upkeep (${debianVersion("1.2.3")}) unstable; urgency=medium

  * A release. changelog.gz tells what is new.

 -- Upkeep contributors <upkeep@example.org>  Thu, 03 Dec 2026 09:08:07 +0000
`,
  );
});

test("the copyright file has the whole licence of the repository", () => {
  const text = renderCopyright(readFileSync("LICENSE", "utf8"));
  expect(text).toContain(
    "\nFiles: *\nCopyright: 2026 Upkeep contributors\nLicense: Expat\n Permission is hereby granted",
  );
  expect(text.split("\n").every((line) => line === "" || /^(?: |[A-Z][A-Za-z-]*: )/.test(line))).toBe(true);
  expect(() => renderCopyright("another one")).toThrow("LICENSE is not the text");
});

test("the glibc is the newest that a symbol is bound to", () => {
  const executable = Buffer.from("\0GLIBC_2.4\0x\0GLIBC_2.17\0GLIBC_2.2.5\0 GLIBC_2.99 \0GLIBC_PRIVATE\0", "latin1");
  expect(libcNeededBy(executable)).toBe("2.17");
  expect(() => libcNeededBy(Buffer.from("none"))).toThrow("bound to no glibc");
});

test("files of /etc are the administrator's, and the rest has checksums", () => {
  const entries: readonly LayerEntry[] = [
    entry("etc/runit/2", "x"),
    { kind: "link", path: "etc/service", target: "runit/runsvdir/current" },
    entry("usr/bin/cpsv", "hello\n"),
  ];
  expect(renderConffiles(entries)).toBe("/etc/runit/2\n");
  expect(renderSums(entries)).toBe("b1946ac92492d2347c6235b4d2611184  usr/bin/cpsv\n");
  // Two files and a link, and the directories etc, etc/runit, usr, usr/bin.
  expect(installedSize(entries)).toBe(7);
});

test("files that runit has by their names without /usr are known", () => {
  const paths = ["usr/sbin/runit", "usr/sbin/runit-init", "usr/sbin/update-service", "usr/lib/runit/invoke-run"];
  expect(aliasedPaths([...paths, "usr/bin/sv", "usr/lib/upkeep/upkeep"].map((path) => entry(path)))).toEqual([
    "/sbin/runit",
    "/sbin/update-service",
    "/lib/runit/invoke-run",
  ]);
});
