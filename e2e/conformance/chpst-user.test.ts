import { mkdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { calledAs, chpst, fatal, printed } from "../rig/runit/chpst.ts";
import { line } from "../rig/core/conformance.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { niceLevel, nobody, root, user } from "../rig/process/under.ts";

const asNobody = { under: user(nobody, nobody) };

/** All ids of the program, those for the file system too. */
async function idsWith(rig: TestRig, ...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await chpst(rig, [...words, "grep", "-E", "^(Uid|Gid|Groups)", "/proc/self/status"]);
  return `${stdout}${stderr}`.replaceAll("\t", " ").replaceAll(/ +$/gm, "");
}

function ids(uid: number, ...gids: readonly number[]): string {
  const all = (id: number | undefined): string => Array.from({ length: 4 }, () => id).join(" ");
  const sorted = [...gids].toSorted((one, other) => one - other);
  return `Uid: ${all(uid)}\nGid: ${all(gids[0])}\nGroups: ${sorted.join(" ")}\n`;
}

line("CHPST-03", "-u gives exactly the user and the groups it names", {
  needs: root,
  test: async (rig) => {
    expect(await idsWith(rig, "-u", "nobody")).toBe(ids(65_534, 65_534));
    expect(await idsWith(rig, "-u", "nobody:www-data")).toBe(ids(65_534, 33));
    expect(await idsWith(rig, "-u", "nobody:www-data:daemon:bin")).toBe(ids(65_534, 33, 1, 2));
    expect(await idsWith(rig, "-u", ":4242:4243")).toBe(ids(4242, 4243));
    expect(await idsWith(rig, "-u", ":4242:4243:7:8")).toBe(ids(4242, 4243, 7, 8));
    expect(await idsWith(rig, "-u", "daemon", "-unobody")).toBe(ids(65_534, 65_534));
    // The environment does not follow the user.
    const { HOME } = rig.environment;
    expect(await chpst(rig, ["-u", "nobody", "sh", "-c", "echo $HOME $USER $UID"])).toMatchObject(printed(`${HOME}\n`));
  },
});

line("CHPST-03", "at most 60 groups", {
  needs: root,
  stock: async (rig) => {
    const many = Array.from({ length: 61 }, (_, at) => at + 1).join(":");
    expect(await chpst(rig, ["-u", `:1:${many}`, "true"])).toMatchObject(fatal(`invalid uid/gids: 1:${many}`));
  },
  ours: async (rig) => {
    const many = Array.from({ length: 1000 }, (_, at) => at + 1);
    expect(await idsWith(rig, "-u", `:1:${many.join(":")}`)).toBe(ids(1, ...many));
  },
  instead: "as many groups as the kernel takes",
  because: "named ones beyond 60 were dropped in silence",
});

line("CHPST-04", "numbers need a uid and a gid", {
  needs: root,
  test: async (rig) => {
    for (const text of ["1234", "a:b", "1:x", "x:1", "0x1:1", "", "1: 2"]) {
      const result = await chpst(rig, ["-u", `:${text}`, "true"]);
      expect([text, result]).toMatchObject([text, fatal(`invalid uid/gids: ${text}`)]);
      expect(await chpst(rig, ["-U", `:${text}`, "true"])).toMatchObject(fatal(`invalid uid/gids: ${text}`));
    }
  },
});

line("CHPST-04", "a missing number is 0, which is root, and one that is too great loses its upper bits", {
  needs: root,
  stock: async (rig) => {
    expect(await idsWith(rig, "-u", ":1234:")).toBe(ids(1234, 0));
    expect(await idsWith(rig, "-u", ":1234:5:")).toBe(ids(1234, 5, 0));
    expect(await idsWith(rig, "-u", ":4294967296:4294967297")).toBe(ids(0, 1));
  },
  ours: async (rig) => {
    for (const text of ["1234:", "1234:5:", ":5", "4294967296:4294967297", "4294967295:1", "1:4294967295"]) {
      const result = await chpst(rig, ["-u", `:${text}`, "true"]);
      expect([text, result]).toMatchObject([text, fatal(`invalid uid/gids: ${text}`)]);
    }
  },
  instead: "a missing number, and one that is no id, is an error",
  because: "nobody is to become root by a slip",
});

line("CHPST-05", "an unknown user or group is named", {
  needs: root,
  test: async (rig) => {
    for (const text of [
      "no-such-user",
      "nobody:no-such-group",
      "no-such-user:daemon",
      "nobody:",
      "nobody::",
      "65534",
      "",
    ]) {
      for (const option of ["-u", "-U"]) {
        const result = await chpst(rig, [option, text, "true"]);
        expect([option, text, result]).toMatchObject([option, text, fatal(`unknown user/group: ${text}`)]);
      }
    }
    mkdirSync(rig.path("empty"));
    expect(await chpst(rig, ["-/", rig.path("empty"), "-u", "nobody", "true"])).toMatchObject(
      fatal("unable to get password/group file entry: file does not exist"),
    );
    expect((await rig.run("ls", ["-A"])).stdout).toBe("");
  },
});

line("CHPST-05", "without privileges nothing becomes of -u, and nothing is left behind", {
  needs: root,
  test: async (rig) => {
    const denied = fatal("unable to setgroups: permission denied");
    expect(await chpst(rig, ["-u", "nobody", "true"], asNobody)).toMatchObject(denied);
    expect(await chpst(rig, ["-u", ":65534:65534", "-l", "/dev/shm", "true"], asNobody)).toMatchObject(denied);
  },
});

line("CHPST-06", "-U sets UID and GID, and nothing else", {
  test: async (rig) => {
    const before = await chpst(rig, ["env", "-u", "UID", "-u", "GID"]);
    const sorted = (text: string): readonly string[] => text.split("\n").toSorted();
    for (const [text, uid, gid] of [
      ["nobody", 65_534, 65_534],
      ["nobody:www-data:daemon", 65_534, 33],
      [":12:34:56", 12, 34],
    ] as const) {
      const { stdout } = await chpst(rig, ["-U", text, "env"], { env: { UID: "x", GID: "y" } });
      expect(sorted(stdout)).toEqual(sorted(`${before.stdout}GID=${gid}\nUID=${uid}\n`));
      const { stdout: own } = await chpst(rig, ["-U", text, "grep", "-E", "^(Uid|Gid|Groups)", "/proc/self/status"]);
      expect(own).toBe(
        readFileSync("/proc/self/status", "utf8")
          .match(/^(?:Uid|Gid|Groups).*\n/gm)
          ?.join(""),
      );
    }
  },
});

line("CHPST-13", "-n adds to the nice level, as far as levels go", {
  needs: root,
  test: async (rig) => {
    for (const [value, level] of [
      ["5", 8],
      ["+5", 8],
      ["-5", -2],
      ["+", 3],
      ["-", 3],
      ["", 3],
      ["0", 3],
      ["99", 19],
      ["-99", -20],
    ] as const) {
      const result = await chpst(rig, ["-n", value, "nice"], { under: niceLevel(3) });
      expect([value, result]).toMatchObject([value, printed(`${level}\n`)]);
    }
  },
});

line("CHPST-13", "-n comes before -u, and needs its privileges", {
  needs: root,
  test: async (rig) => {
    const asRoot = { under: niceLevel(0) };
    const asOther = { under: [...niceLevel(0), ...asNobody.under] };
    expect(await chpst(rig, ["-u", "nobody", "-n", "-3", "nice"], asRoot)).toMatchObject(printed("-3\n"));
    expect(await chpst(rig, ["-n", "3", "nice"], asOther)).toMatchObject(printed("3\n"));
    expect(await chpst(rig, ["-n", "-3", "nice"], asOther)).toMatchObject(
      fatal("unable to set nice level: permission denied"),
    );
  },
});

line("CHPST-20", "setuidgid and envuidgid take an account", {
  needs: root,
  test: async (rig) => {
    for (const name of ["setuidgid", "dsetuidgid"]) {
      const result = await calledAs(rig, name, ["www-data", "id", "-G"]);
      expect(result).toMatchObject(printed("33\n"));
    }
    for (const name of ["envuidgid", "denvuidgid"]) {
      const result = await calledAs(rig, name, ["www-data", "sh", "-c", "echo $UID $GID; id -u"]);
      expect(result).toMatchObject(printed("33 33\n0\n"));
    }
    for (const text of ["no-such-user", "nobody:daemon", ":1:2", "-u", "--", ""]) {
      for (const name of ["setuidgid", "envuidgid"]) {
        const result = await calledAs(rig, name, [text, "true"]);
        expect([name, text, result]).toMatchObject([name, text, fatal(`unknown account: ${text}`)]);
      }
    }
  },
});
