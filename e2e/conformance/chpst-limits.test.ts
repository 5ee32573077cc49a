import { expect } from "vitest";
import { calledAs, chpst, directoryOf, fatal, linkTo, printed } from "../rig/runit/chpst.ts";
import { line } from "../rig/core/conformance.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { limit, niceLevel, root } from "../rig/process/under.ts";

/** The limits of a program, as `name soft hard`. */
function limitsIn(text: string): readonly string[] {
  return [...text.matchAll(/^Max (.*?) {2,}(\w+) +(\w+) /gm)].map(([, name, soft, hard]) => `${name} ${soft} ${hard}`);
}

/** The limits that a call changes. */
async function changed(rig: TestRig, run: (words: readonly string[]) => Promise<string>): Promise<readonly string[]> {
  const show = ["cat", "/proc/self/limits"];
  const before = limitsIn((await rig.run("cat", show.slice(1))).stdout);
  return limitsIn(await run(show)).filter((one) => !before.includes(one));
}

line("CHPST-14", "-o, -d, -p, -f, -c, -r and -t set soft limits", {
  test: async (rig) => {
    const found = await changed(rig, async (show) => {
      const words = [
        "-o",
        "50",
        "-d",
        "90000001",
        "-p",
        "5000",
        "-f",
        "7000000",
        "-c",
        "9",
        "-r",
        "80000",
        "-t",
        "700",
      ];
      return (await chpst(rig, [...words, ...show])).stdout;
    });
    expect(found.map((text) => text.replace(/ \w+$/, ""))).toEqual([
      "cpu time 700",
      "file size 7000000",
      "data size 90000001",
      "core file size 9",
      "resident set 80000",
      "processes 5000",
      "open files 50",
    ]);
    const last = await chpst(rig, ["-o", "70", "-o", "60", "sh", "-c", "ulimit -Sn"]);
    expect(last).toMatchObject(printed("60\n"));
  },
});

line("CHPST-14", "a limit above the hard one is the hard one, which stays as it is", {
  test: async (rig) => {
    const under = limit("-n 1000");
    const show = ["sh", "-c", "ulimit -Sn; ulimit -Hn"];
    expect(await chpst(rig, ["-o", "50", ...show], { under })).toMatchObject(printed("50\n1000\n"));
    expect(await chpst(rig, ["-o", "65536", ...show], { under })).toMatchObject(printed("1000\n1000\n"));
    const core = await chpst(rig, ["-c", "18446744073709551615", "sh", "-c", "ulimit -c"], { under: limit("-c 512") });
    expect(core).toMatchObject(printed("512\n"));
  },
});

line("CHPST-14", "a number that is too great loses its upper bits", {
  stock: async (rig) => {
    const words = ["-o", "18446744073709551626", "sh", "-c", "ulimit -Sn"];
    expect(await chpst(rig, words)).toMatchObject(printed("10\n"));
  },
  ours: async (rig) => {
    const words = ["-o", "18446744073709551626", "sh", "-c", "ulimit -Sn"];
    expect(await chpst(rig, words, { under: limit("-n 1000") })).toMatchObject(printed("1000\n"));
  },
  instead: "a number that is too great is as the hard limit",
  because: "that is what was meant",
});

line("CHPST-15", "-m limits data, stack, locked pages and all memory", {
  test: async (rig) => {
    const show = ["sh", "-c", "ulimit -d; ulimit -s; ulimit -l; ulimit -v; ulimit -Hd"];
    const words = ["-m", "4194304", ...show];
    expect(await chpst(rig, words)).toMatchObject(printed("4096\n4096\n4096\n4096\nunlimited\n"));
    expect(await chpst(rig, words, { under: limit("-l 64") })).toMatchObject(
      printed("4096\n4096\n64\n4096\nunlimited\n"),
    );
    expect(await chpst(rig, ["-m", "8388608", "-d", "4194304", ...show])).toMatchObject(
      printed("4096\n8192\n8192\n8192\nunlimited\n"),
    );
  },
});

line("CHPST-15", "a program that does not fit is killed, one that is not there is told", {
  test: async (rig) => {
    expect(await chpst(rig, ["-m", "1", "true"])).toMatchObject({ signal: "SIGSEGV", stdout: "", stderr: "" });
    expect(await chpst(rig, ["-m", "1", "absent"])).toMatchObject(fatal("unable to run: absent: file does not exist"));
  },
});

line("CHPST-15", "limits may come before another chpst, which changes what it is told, too", {
  needs: root,
  test: async (rig) => {
    const [softlimit, setuidgid, envdir] = ["softlimit", "setuidgid", "envdir"].map((name) => linkTo(rig, name));
    const show = ["sh", "-c", "ulimit -v; ulimit -n; ulimit -c; nice; id -u; echo $A"];
    directoryOf(rig, "service/env", { A: "value" });
    const words = ["-m", "100000000", "-o", "30", setuidgid ?? "", "nobody", envdir ?? "", "env"];
    const chpsts = ["chpst", "-o", "40", "-c", "0", "chpst", "-n", "2"];
    expect(await rig.run(softlimit ?? "", [...words, ...chpsts, ...show], { under: niceLevel(0) })).toMatchObject(
      printed("97656\n40\n0\n2\n65534\nvalue\n"),
    );
    expect(await rig.run(softlimit ?? "", [...words, "chpst", "-z"])).toMatchObject({
      code: 100,
      stderr: expect.stringMatching(/^chpst: illegal option -- z\nusage: chpst /),
    });
    expect(await rig.run(softlimit ?? "", [...words, "chpst", "-L", "no/lock", "true"])).toMatchObject(
      fatal("unable to open lock: no/lock: file does not exist"),
    );
    expect(await rig.run(softlimit ?? "", [...words, linkTo(rig, "setlock"), "-x", "no/lock", "true"])).toMatchObject(
      printed(""),
    );
    expect(await rig.run("chpst", ["-o", "50", "-b", "echo", "echo", "-n", "chpst"])).toMatchObject(printed("chpst"));
  },
});

line("CHPST-16", "-t ends a program with XCPU, -f with XFSZ", {
  test: async (rig) => {
    expect(await chpst(rig, ["-c", "0", "-t", "1", "perl", "-e", "1 while 1"])).toMatchObject({ signal: "SIGXCPU" });
    const write = ["dd", "if=/dev/zero", "of=file", "bs=5000", "count=1", "status=none"];
    expect(await chpst(rig, ["-c", "0", "-f", "1000", ...write])).toMatchObject({ signal: "SIGXFSZ" });
    expect(rig.read(`${rig.services}/file`)).toHaveLength(1000);
  },
});

const usage =
  "usage: softlimit [-a allbytes] [-c corebytes] [-d databytes] [-f filebytes] [-l lockbytes] [-m membytes] [-o openfiles] [-p processes] [-r residentbytes] [-s stackbytes] [-t cpusecs] child\n\n";

line("CHPST-20", "softlimit sets soft limits, each by its letter", {
  test: async (rig) => {
    for (const name of ["softlimit", "dsoftlimit"]) {
      const found = await changed(rig, async (show) => {
        const memory = ["-a", "90000000", "-d", "80000000", "-s", "7000000", "-l", "6000000", "-r", "5000000"];
        const others = ["-c", "4", "-f", "3000000", "-o", "20", "-p", "1000", "-t", "600"];
        return (await calledAs(rig, name, [...memory, ...others, ...show])).stdout;
      });
      expect(found.map((text) => text.replace(/ \w+$/, ""))).toEqual([
        "cpu time 600",
        "file size 3000000",
        "data size 80000000",
        "stack size 7000000",
        "core file size 4",
        "resident set 5000000",
        "processes 1000",
        "open files 20",
        "locked memory 6000000",
        "address space 90000000",
      ]);
    }
    const memory = await calledAs(rig, "softlimit", [
      "-m8388608",
      "sh",
      "-c",
      "ulimit -d; ulimit -s; ulimit -l; ulimit -v",
    ]);
    expect(memory).toMatchObject(printed("8192\n8192\n8192\n8192\n"));
  },
});

line("CHPST-20", "softlimit answers misuse with its usage, but a bad number with that of chpst", {
  test: async (rig) => {
    for (const [words, stderr] of [
      [[], usage],
      [["-m", "5"], usage],
      [["-z", "true"], `softlimit: illegal option -- z\n${usage}`],
      [["-V", "true"], `softlimit: illegal option -- V\n${usage}`],
      [["-a"], `softlimit: option requires an argument -- a\n${usage}`],
    ] as const) {
      expect([words, await calledAs(rig, "softlimit", words)]).toMatchObject([
        words,
        { code: 100, stdout: "", stderr },
      ]);
    }
    for (const letter of "acdflmoprst") {
      for (const value of ["x", "1x", "=x", "==", "-1"]) {
        const result = await calledAs(rig, "softlimit", [`-${letter}`, value, "true"]);
        const first = /^usage: softlimit \[-vVF?P012\] .* prog\n\n$/;
        expect([letter, value, result]).toMatchObject([
          letter,
          value,
          { code: 100, stdout: "", stderr: expect.stringMatching(first) },
        ]);
      }
    }
    expect(await calledAs(rig, "dsoftlimit", ["-z"])).toMatchObject({
      stderr: `dsoftlimit: illegal option -- z\n${usage}`,
    });
    expect(await calledAs(rig, "softlimit", ["absent"])).toMatchObject(
      fatal("unable to run: absent: file does not exist"),
    );
  },
});

line("CHPST-22", "= stands for the hard limit", {
  test: async (rig) => {
    const under = ["sh", "-c", 'ulimit -c 700; ulimit -Sc 3; ulimit -n 900; exec "$@"', "sh"];
    const words = ["-c", "=", "-o=", "sh", "-c", "ulimit -c; ulimit -n"];
    expect(await calledAs(rig, "softlimit", words, { under })).toMatchObject(printed("700\n900\n"));
  },
});
