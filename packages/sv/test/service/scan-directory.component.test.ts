import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { allServices } from "@upkeep/client/service/scan-directory";
import { servicesOf } from "@upkeep/sv/service/scan-directory";
import { afterAll, describe, expect, test } from "vitest";

import { makeServices } from "../../../client/test/helpers/services.ts";

const services = makeServices();
afterAll(() => services.dispose());

const { root } = services;
for (const name of ["web-2", "web-1/log", "db/log", "odd[1]", ".hidden"])
  mkdirSync(join(root, name), { recursive: true });
writeFileSync(join(root, "web-file"), "");
symlinkSync("nowhere", join(root, "web-lost"));

const labels = (...names: readonly string[]): readonly string[] => servicesOf(names, root).map(({ label }) => label);

describe("all services of a scan directory", () => {
  test("are its directories, and links to nowhere, in order", () => {
    const names = ["db", "odd[1]", "web-1", "web-2", "web-lost"];
    expect(allServices(root)).toEqual(names.map((label) => ({ label, path: join(root, label) })));
  });

  test("cannot be told where it cannot be read", () => {
    expect(() => allServices(join(root, "missing"))).toThrow(
      /^unable to open directory .*missing: file does not exist$/,
    );
    expect(() => allServices(join(root, "web-file"))).toThrow(/web-file: not a directory$/);
  });
});

describe("names", () => {
  test("are services as they are, whether or not there are such", () => {
    expect(servicesOf(["db", "nosuch", "/srv/web"], root)).toEqual([
      { label: "db", path: join(root, "db") },
      { label: "nosuch", path: join(root, "nosuch") },
      { label: "/srv/web", path: "/srv/web" },
    ]);
  });

  test("that are patterns stand for what they match, each service once", () => {
    expect(labels("web-*")).toEqual(["web-1", "web-2", "web-lost"]);
    expect(labels("web-2", "web-[12]", "*")).toEqual(["web-2", "web-1", "db", "odd[1]", "web-lost"]);
    expect(labels(`${root}/d*`)).toEqual([`${root}/db`]);
  });

  test("that end with /log stand for the log services that exist", () => {
    expect(labels("*/log")).toEqual(["db/log", "web-1/log"]);
  });

  test("of an entry are no patterns", () => {
    expect(labels("odd[1]")).toEqual(["odd[1]"]);
  });

  test("that match nothing say where they were looked for", () => {
    expect(servicesOf(["x*", "/srv/none/x*"], root)).toEqual([
      { label: "x*", path: join(root, "x*"), unmatched: root },
      { label: "/srv/none/x*", path: "/srv/none/x*", unmatched: "/srv/none" },
    ]);
  });
});
