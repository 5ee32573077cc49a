import { expect, test } from "vitest";
import { assert, property, stringMatching } from "fast-check";

import { PlanError, shellWord } from "../../src/core/command.ts";
import { planFor } from "../../src/core/plan.ts";
import { nameFor, type Piece, type Plan, type Request, usualDirectory } from "../../src/core/request.ts";
import { systemdWord } from "../../src/core/systemd.ts";

const usual: Request = {
  host: "systemd",
  directory: usualDirectory,
  name: "upkeep",
  commands: "/usr/bin",
  userConfiguration: null,
  inittab: null,
};

function textOf(plan: Plan, path: string): string {
  const piece = plan.pieces.find((each) => each.path === path);
  if (piece?.kind !== "file") throw new Error(`no file ${path}`);
  return piece.text;
}

const lineOf = (plan: Plan): Piece | undefined => plan.pieces.find(({ kind }) => kind === "line");

test("a scan directory has a name of its own, apart from the usual one", () => {
  expect(nameFor(usualDirectory, usualDirectory)).toBe("upkeep");
  expect(nameFor("/srv/my app/ü", usualDirectory)).toBe("upkeep-srv-my_app-_");
});

test("the unit of a user is in the user's configuration, and wanted by the user's target", () => {
  const plan = planFor({ ...usual, userConfiguration: "/home/me/.config", directory: "/home/me/.config/service" });
  expect(plan.pieces.map(({ path }) => path)).toEqual([
    "/home/me/.config/service",
    "/home/me/.config/systemd/user/upkeep.service",
    "/home/me/.config/systemd/user/default.target.wants/upkeep.service",
  ]);
  expect(textOf(plan, "/home/me/.config/systemd/user/upkeep.service")).toContain("\nWantedBy=default.target\n");
  expect(plan.afterInstall).toContain("loginctl enable-linger");
});

test("services find the commands in PATH, wherever they are", () => {
  const pathIn = (commands: string): string =>
    /^Environment=PATH=(.*)$/m.exec(
      textOf(planFor({ ...usual, commands }), "/etc/systemd/system/upkeep.service"),
    )?.[1] ?? "";
  expect(pathIn("/usr/bin")).toBe("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  expect(pathIn("/opt/upkeep/bin")).toBe(`/opt/upkeep/bin:${pathIn("/usr/bin")}`);
});

/** The rules of systemd.service(5) for a word in double quotes, or in none. */
function readBySystemd(word: string): string {
  const text = word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(["\\])/g, "$1") : word;
  return text.replaceAll(/(\$|%)\1/g, "$1");
}

test("any word arrives through a unit, and through a script", () => {
  assert(
    property(stringMatching(/^[ -~]+$/), (word) => {
      expect(readBySystemd(systemdWord(word))).toBe(word);
      // A quote can only end a word for the shell where it opens another one.
      expect(shellWord(word).replaceAll(`'\\''`, "").replaceAll("'", "")).toBe(word.replaceAll("'", ""));
    }),
  );
});

const sysvinit = "id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\n1:2345:respawn:/sbin/getty 38400 tty1\n";

test("the line of sysvinit has a name, and that of BusyBox has none, as it would be a terminal", () => {
  const sysv: Request = { ...usual, host: "sysv" };
  const path = "/etc/inittab";
  const script = "respawn:/etc/upkeep/upkeep-start";
  expect(lineOf(planFor({ ...sysv, inittab: sysvinit }))).toEqual({ kind: "line", path, line: `uk:2345:${script}` });
  const busybox = "::sysinit:/sbin/openrc sysinit\ntty1::respawn:/sbin/getty 38400 tty1\n";
  expect(lineOf(planFor({ ...sysv, inittab: busybox }))).toEqual({ kind: "line", path, line: `::${script}` });
});

test("two scan directories have two lines, and a name that is taken is an error", () => {
  const idOf = (name: string): string => {
    const piece = lineOf(planFor({ ...usual, host: "sysv", name, inittab: sysvinit }));
    return piece?.kind === "line" ? (piece.line.split(":")[0] ?? "") : "";
  };
  expect(idOf("upkeep-srv-a")).toMatch(/^u[0-9a-z]{3}$/);
  expect(idOf("upkeep-srv-a")).not.toBe(idOf("upkeep-srv-b"));
  const taken = { ...usual, host: "sysv", inittab: `${sysvinit}uk:3:once:/bin/other\n` } as const;
  expect(() => planFor(taken)).toThrow(
    new PlanError("/etc/inittab has another line that begins with uk: uk:3:once:/bin/other"),
  );
  // Its own line is not another one.
  const again = `${sysvinit}uk:2345:respawn:/etc/upkeep/upkeep-start\n`;
  expect(() => planFor({ ...usual, host: "sysv", inittab: again })).not.toThrow();
});

test("a host without an inittab has another init", () => {
  expect(() => planFor({ ...usual, host: "sysv" })).toThrow(PlanError);
});

test("an image is built from what is below the working directory", () => {
  for (const directory of ["../service", "/srv/service", "my service"]) {
    expect(() => planFor({ ...usual, host: "container", directory })).toThrow(PlanError);
  }
  const plan = planFor({ ...usual, host: "container", directory: "service" });
  expect(textOf(plan, "Containerfile")).toContain("\nCOPY service/ /etc/service/\n");
  expect(textOf(plan, ".dockerignore")).toContain("\nservice/*/supervise\n");
});
