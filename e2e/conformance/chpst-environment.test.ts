import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { calledAs, chpst, directoryOf, fatal, printed } from "../rig/runit/chpst.ts";
import { line } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { nobody, root, user } from "../rig/process/under.ts";

const asNobody = { under: user(nobody, nobody) };

/** The environment that chpst makes, entry by entry, without the entries that are always there. */
async function environmentWith(
  rig: TestRig,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { stdout, stderr } = await chpst(rig, [...words, "od", "-An", "-v", "-tx1", "/proc/self/environ"], { env });
  expect(stderr).toBe("");
  const entries = Buffer.from(stdout.replaceAll(/\s/g, ""), "hex").toString("latin1").split("\0");
  const usual = Object.entries(rig.environment).map(([name, value]) => `${name}=${value}`);
  return entries.filter((entry) => entry !== "" && !usual.includes(entry)).toSorted();
}

line("CHPST-07", "-e sets a variable from the first line of each file, and unsets those of empty files", {
  test: async (rig) => {
    directoryOf(rig, "service/env", {
      PLAIN: "value",
      LINE: "first\nsecond\n",
      BLANKS: " \t a b \t \n",
      ONLY_BLANKS: " \t",
      NEWLINE: "\n",
      NULS: "a\0b \0\n",
      BYTES: "\xff\xfe=\x80",
      CR: "a\r\n",
      GONE: "",
      ABSENT: "",
      ".HIDDEN": "x",
      "a b": "c",
      "not=a name": "x",
      REPLACED: "new",
    });
    const given = { GONE: "x", KEPT: "y", REPLACED: "old" };
    expect(await environmentWith(rig, ["-e", "env"], given)).toEqual(
      [
        "PLAIN=value",
        "LINE=first",
        "BLANKS= 	 a b",
        "ONLY_BLANKS=",
        "NEWLINE=",
        "NULS=a\nb \n",
        "BYTES=ÿþ=",
        "CR=a\r",
        "a b=c",
        "not=a name=x",
        "REPLACED=new",
        "KEPT=y",
      ].toSorted(),
    );
  },
});

line("CHPST-07", "-e follows links, takes a FIFO for an empty file, and leaves the directory alone it was called in", {
  test: async (rig) => {
    const env = directoryOf(rig, "service/env", { A: "value" });
    symlinkSync("A", join(env, "LINK"));
    symlinkSync("/dev/null", join(env, "GONE"));
    expect((await rig.run("mkfifo", [join(env, "FIFO")])).code).toBe(0);
    expect(await environmentWith(rig, ["-eenv"], { GONE: "x", FIFO: "x" })).toEqual(["A=value", "LINK=value"]);
    expect(await chpst(rig, ["-e", "env", "pwd"])).toMatchObject(printed(`${rig.services}\n`));
    directoryOf(rig, "service/none", {});
    expect(await environmentWith(rig, ["-e", "env", "-e", "none"])).toEqual([]);
  },
});

line("CHPST-07", "-U comes after -e", {
  test: async (rig) => {
    directoryOf(rig, "service/env", { UID: "1", GID: "2" });
    expect(await environmentWith(rig, ["-U", ":3:4", "-e", "env"])).toEqual(["GID=4", "UID=3"]);
  },
});

line("CHPST-08", "a directory in the directory is ignored by -e, which warns of it with -v, and fatal for envdir", {
  test: async (rig) => {
    const env = directoryOf(rig, "service/env", { A: "value" });
    mkdirSync(join(env, "sub"));
    const show = ["env", "sh", "-c", "echo $A"];
    const problem = "unable to read env/sub: is a directory";
    expect(await chpst(rig, ["-e", ...show])).toMatchObject(printed("value\n"));
    const warned = { code: 0, stdout: "value\n", stderr: `chpst: warning: ${problem}\n` };
    expect(await chpst(rig, ["-v", "-e", ...show])).toMatchObject(warned);
    expect(await chpst(rig, ["-e", "env", "-v", ...show.slice(1)])).toMatchObject(warned);
    expect(await calledAs(rig, "envdir", show)).toMatchObject(fatal(problem));
  },
});

line("CHPST-09", "-e ends when the directory cannot be had", {
  test: async (rig) => {
    directoryOf(rig, "service", { file: "" });
    for (const [name, reason] of [
      ["absent", "file does not exist"],
      ["", "file does not exist"],
      ["file", "not a directory"],
      ["file/x", "not a directory"],
    ] as const) {
      const expected = fatal(`unable to switch to directory: ${name}: ${reason}`);
      expect([name, await chpst(rig, ["-e", name, "true"])]).toMatchObject([name, expected]);
      expect([name, await calledAs(rig, "envdir", [name, "true"])]).toMatchObject([name, expected]);
    }
  },
});

line("CHPST-09", "-e ends when something in it may not be read", {
  needs: root,
  test: async (rig) => {
    const env = directoryOf(rig, "service/env", { SECRET: "x" });
    const run = async () => await chpst(rig, ["-e", "env", "true"], asNobody);
    chmodSync(join(env, "SECRET"), 0o600);
    expect(await run()).toMatchObject(fatal("unable to read env/SECRET: access denied"));
    chmodSync(env, 0o711);
    expect(await run()).toMatchObject(fatal("unable to open directory: env: access denied"));
    chmodSync(env, 0o700);
    expect(await run()).toMatchObject(fatal("unable to switch to directory: env: access denied"));
    symlinkSync("loop", join(directoryOf(rig, "service/loops", {}), "loop"));
    expect(await chpst(rig, ["-e", "loops", "true"])).toMatchObject(
      fatal("unable to read loops/loop: symbolic link loop"),
    );
  },
});

line("CHPST-09", "-e needs to read the working directory", {
  needs: root,
  stock: async (rig) => {
    const options = await unreadableDirectory(rig);
    expect(await chpst(rig, ["-e", rig.path("env"), "true"], options)).toMatchObject(
      fatal("unable to open current working directory: access denied"),
    );
  },
  ours: async (rig) => {
    const options = await unreadableDirectory(rig);
    expect(await chpst(rig, ["-e", rig.path("env"), "sh", "-c", "echo $A"], options)).toMatchObject(printed("x\n"));
  },
  instead: "-e works in a directory that cannot be read",
  because: "it is not needed",
});

async function unreadableDirectory(rig: TestRig): Promise<typeof asNobody & { readonly cwd: string }> {
  directoryOf(rig, "env", { A: "x" });
  const cwd = directoryOf(rig, "closed", {});
  chmodSync(cwd, 0o711);
  return { ...asNobody, cwd };
}

line("CHPST-10", "the program is looked for in the PATH that chpst has, not in that of -e", {
  test: async (rig) => {
    directoryOf(rig, "service/env", { PATH: "/no/such/directory" });
    expect(await chpst(rig, ["-e", "env", "sh", "-c", "echo $PATH"])).toMatchObject(printed("/no/such/directory\n"));
    const other = directoryOf(rig, "other", { prog: "#!/bin/sh\necho found\n" });
    chmodSync(join(other, "prog"), 0o755);
    directoryOf(rig, "service/env", { PATH: other });
    expect(await chpst(rig, ["-e", "env", "prog"])).toMatchObject(fatal("unable to run: prog: file does not exist"));
  },
});

line("CHPST-20", "envdir and denvdir set the variables of a directory", {
  needs: program("env", "coreutils"),
  test: async (rig) => {
    directoryOf(rig, "service/env", { A: "value", "-v": "x" });
    for (const name of ["envdir", "denvdir"]) {
      expect(await calledAs(rig, name, ["env", "sh", "-c", "echo $A"])).toMatchObject(printed("value\n"));
      expect(await calledAs(rig, name, ["-v", "true"])).toMatchObject(
        fatal("unable to switch to directory: -v: file does not exist"),
      );
    }
  },
});

line("CHPST-24", "a dangling link in the directory yields what was read before it", {
  stock: async (rig) => {
    const env = directoryOf(rig, "service/env", {});
    symlinkSync("absent", join(env, "DANGLING"));
    expect(await chpst(rig, ["-e", "env", "true"])).toMatchObject(printed(""));
  },
  ours: async (rig) => {
    const env = directoryOf(rig, "service/env", { A: "x" });
    symlinkSync("absent", join(env, "DANGLING"));
    const expected = fatal("unable to read env/DANGLING: file does not exist");
    expect(await chpst(rig, ["-e", "env", "true"])).toMatchObject(expected);
    expect(await calledAs(rig, "envdir", ["env", "true"])).toMatchObject(expected);
  },
  instead: "a dangling link in the directory is an error",
  because: "a variable must not get the value of another",
});
