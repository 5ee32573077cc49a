import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { calledAs, chpst, directoryOf, fatal, printed, usage } from "../rig/runit/chpst.ts";
import { line } from "../rig/core/conformance.ts";
import { allSuites, node } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { nobody, root } from "../rig/process/under.ts";

const exactSuites = allSuites.filter((suite) => suite !== node);
const showSession = [
  "sh",
  "-c",
  "read -r pid name state ppid group session rest </proc/self/stat; echo $((group == pid)) $((session == pid))",
];

line("CHPST-12", "-P starts a session, and is harmless where there is one", {
  test: async (rig) => {
    // It is a member of a group that another process leads.
    const member = ["sh", "-c", '"$@"; true', "sh"];
    expect(await chpst(rig, showSession, { under: member })).toMatchObject(printed("0 0\n"));
    expect(await chpst(rig, ["-P", ...showSession], { under: member })).toMatchObject(printed("1 1\n"));
    expect(await chpst(rig, ["-vP", ...showSession])).toMatchObject(printed("1 1\n"));
    for (const name of ["pgrphack", "dpgrphack"]) {
      expect(await calledAs(rig, name, showSession, { under: member })).toMatchObject(printed("1 1\n"));
      expect(await calledAs(rig, name, ["-P", "true"])).toMatchObject(fatal("unable to run: -P: file does not exist"));
      expect(await calledAs(rig, name, [])).toMatchObject({ code: 100, stderr: "usage: pgrphack child\n\n" });
    }
  },
});

/** Exits with the sum of 1, 2 and 4 for the descriptors 0, 1 and 2 that are open. */
const openStandard = [
  "sh",
  "-c",
  "n=0; for fd in 0 1 2; do test -e /proc/$$/fd/$fd && n=$((n + (1 << fd))); done; exit $n",
];

line("CHPST-18", "-0, -1 and -2 close descriptors", {
  test: async (rig) => {
    for (const [words, open] of [
      [[], 7],
      [["-0"], 6],
      [["-1"], 5],
      [["-2"], 3],
      [["-012"], 0],
      [["-0", "-0"], 6],
    ] as const) {
      const result = await chpst(rig, [...words, ...openStandard]);
      expect([words, result]).toMatchObject([words, { code: open, stdout: "", stderr: "" }]);
    }
    expect(await chpst(rig, ["-2", "absent"])).toMatchObject({ code: 111, stdout: "", stderr: "" });
  },
});

line("CHPST-18", "closing what is closed fails, and what is closed stays closed", {
  suites: exactSuites,
  test: async (rig) => {
    for (const [fd, name] of ["stdin", "stdout"].entries()) {
      const under = ["sh", "-c", `exec "$@" ${fd}>&-`, "sh"];
      expect(await chpst(rig, [`-${fd}`, "true"], { under })).toMatchObject(
        fatal(`unable to close ${name}: file descriptor not open`),
      );
    }
    expect(await chpst(rig, ["-2", "true"], { under: ["sh", "-c", 'exec "$@" 2>&-', "sh"] })).toMatchObject({
      code: 111,
    });
    expect(await chpst(rig, openStandard, { under: ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"] })).toMatchObject({
      code: 0,
    });
  },
});

line("CHPST-18", "closing what is closed fails", {
  suites: [node],
  stock: async () => {},
  ours: async (rig) => {
    const under = ["sh", "-c", 'exec "$@" <&- >&-', "sh"];
    expect(await chpst(rig, ["-01", ...openStandard], { under })).toMatchObject({ code: 4 });
    expect(await chpst(rig, openStandard, { under })).toMatchObject({ code: 7 });
  },
  instead: "on Node what was closed is open on /dev/null, and is closed like the rest",
  because: "Node opens it before anybody can see that it was closed",
});

line("CHPST-19", "-/ comes after -e, and before -u and the lock", {
  needs: root,
  test: async (rig) => {
    directoryOf(rig, "service/env", { A: "outside" });
    const jail = await makeJail(rig);
    const words = ["-e", "env", "-/", jail, "-u", "ghost", "-l", "open/lock", "/bin/sh"];
    const report = 'echo "$A $(pwd)"; : >open/file; echo open/*';
    expect(await chpst(rig, [...words, "-c", report])).toMatchObject(printed("outside /\nopen/file open/lock\n"));
    for (const name of ["lock", "file"])
      expect(statSync(join(jail, "open", name))).toMatchObject({ uid: 4242, gid: 4243 });
  },
});

line("CHPST-19", "-/ says what it cannot do", {
  needs: root,
  test: async (rig) => {
    directoryOf(rig, "service", { file: "" });
    for (const [path, reason] of [
      ["absent", "file does not exist"],
      ["", "file does not exist"],
      ["file", "not a directory"],
    ] as const) {
      expect(await chpst(rig, ["-/", path, "true"])).toMatchObject(
        fatal(`unable to change directory: ${path}: ${reason}`),
      );
    }
    const under = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
    expect(await chpst(rig, ["-/", ".", "true"], { under })).toMatchObject(
      fatal("unable to change root directory: permission denied"),
    );
    expect(await chpst(rig, ["-/"])).toMatchObject({
      code: 100,
      stderr: `chpst: option requires an argument -- /\n${usage(rig)}`,
    });
  },
});

/** A root directory with a shell, what the shell needs, and a user of its own. */
async function makeJail(rig: TestRig): Promise<string> {
  const jail = directoryOf(rig, "jail", {});
  const { stdout } = await rig.run("ldd", ["/bin/sh"]);
  for (const file of ["/bin/sh", ...(stdout.match(/\/\S+/g) ?? [])]) {
    mkdirSync(join(jail, file, ".."), { recursive: true });
    expect(await rig.run("cp", ["-L", file, join(jail, file)])).toMatchObject({ code: 0 });
  }
  directoryOf(rig, "jail/etc", { passwd: "ghost:x:4242:4243::/:/bin/sh\n", group: "ghosts:x:4243:\n" });
  chmodSync(directoryOf(rig, "jail/open", {}), 0o777);
  return jail;
}
