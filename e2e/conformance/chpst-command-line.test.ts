import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { chpst, fatal, printed, usage } from "../rig/runit/chpst.ts";
import { line, rigTest } from "../rig/core/conformance.ts";
import { version } from "../rig/core/other-build.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { niceLevelPlus } from "../rig/process/under.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

line("CHPST-01", "prints the usage and exits 100 for what makes no sense", {
  test: async (rig) => {
    const wrong = [
      [],
      ["-v"],
      ["--"],
      ["-P", "-u", "nobody"],
      ["-l", "a", "-l", "b", "true"],
      ["-L", "a", "-L", "a", "true"],
      ...["m", "d", "o", "p", "f", "c", "r", "t"].flatMap((letter) =>
        ["x", "1x", "-1", " 1", "0x1"].map((value) => [`-${letter}`, value, "true"]),
      ),
      ...["x", "1x", "+-1", "++1", "--"].map((value) => ["-n", value, "true"]),
    ];
    for (const words of wrong) {
      expect([words, await chpst(rig, words)]).toMatchObject([words, { code: 100, stdout: "", stderr: usage(rig) }]);
    }
    for (const [words, complaint] of [
      [["-x", "true"], "illegal option -- x"],
      [["-vx", "true"], "illegal option -- x"],
      [["-:", "true"], "illegal option -- :"],
      [["-P=3"], "illegal option -- ="],
      ...("u U b e / n l L m d o p f c r t"
        .split(" ")
        .map((letter) => [[`-${letter}`], `option requires an argument -- ${letter}`]) as readonly (readonly [
        readonly string[],
        string,
      ])[]),
      [["-vPu"], "option requires an argument -- u"],
    ] as const) {
      const stderr = `chpst: ${complaint}\n${usage(rig)}`;
      expect([words, await chpst(rig, words)]).toMatchObject([words, { code: 100, stdout: "", stderr }]);
    }
    expect((await rig.run("ls", ["-A"])).stdout).toBe("");
  },
});

line("CHPST-01", "an empty number is 0, -V identifies the program, -- and the program end the options", {
  test: async (rig) => {
    expect(await chpst(rig, ["-c", "", "sh", "-c", "ulimit -c"])).toMatchObject(printed("0\n"));
    const identified = await chpst(rig, ["-V", "true"]);
    expect(identified).toMatchObject({ code: 100, stdout: "" });
    expect(identified.stderr.split("\n")[0]).toMatch(/^\$Id: .* \$$/);
    expect(identified.stderr.endsWith(`$\n${usage(rig)}`)).toBe(true);
    expect(await chpst(rig, ["-vn5", "--", "nice"])).toMatchObject(printed(`${niceLevelPlus(5)}\n`));
    const words = ["-u", "x", "-m", "", "--help", "--", "-z"];
    expect(await chpst(rig, ["-n", "1", "echo", ...words])).toMatchObject(printed(`${words.join(" ")}\n`));
  },
});

line("CHPST-02", "says why a program cannot be run", {
  test: async (rig) => {
    symlinkSync("loop", join(rig.services, "loop"));
    script(rig, "plain", "echo no interpreter named\n");
    script(rig, "stray", "#!/no/such/interpreter\n");
    for (const [words, name, reason] of [
      [["absent"], "absent", "file does not exist"],
      [["./absent", "x"], "./absent", "file does not exist"],
      [["/"], "/", "access denied"],
      [["/etc/passwd"], "/etc/passwd", "access denied"],
      [["/etc/passwd/x"], "/etc/passwd/x", "not a directory"],
      [["./loop"], "./loop", "symbolic link loop"],
      [["./plain"], "./plain", "exec format error"],
      [["./stray"], "./stray", "file does not exist"],
      [[""], "", "access denied"],
      [
        ["-m", "4194304", "-o", "3", "-p", "1", "-c", "0", "-d", "1", "-t", "5", "absent"],
        "absent",
        "file does not exist",
      ],
    ] as const) {
      expect(await chpst(rig, words)).toMatchObject(fatal(`unable to run: ${name}: ${reason}`));
    }
  },
});

line("CHPST-02", "looks for the program in every directory of PATH that can be searched", {
  test: async (rig) => {
    script(rig, "first/prog", "#!/bin/sh\necho first\n", 0o644);
    mkdirSync(join(rig.services, "directory/prog"), { recursive: true });
    script(rig, "second/prog", '#!/bin/sh\necho second "$@"\n');
    const run = async (path: string | undefined, cwd: string, ...words: readonly string[]) => {
      // Node's bundle finds its runtime in PATH, so that goes last.
      const tail = rig.suite.path;
      return await chpst(rig, words, { cwd, env: { PATH: path === undefined ? tail : `${path}:${tail}` } });
    };
    const at = (...names: readonly string[]) => names.map((name) => join(rig.services, name)).join(":");
    expect(await run(at("first", "directory", "second"), "/", "prog", "1")).toMatchObject(printed("second 1\n"));
    expect(await run("", join(rig.services, "second"), "prog")).toMatchObject(printed("second\n"));
    expect(await run(at("first"), "/", "prog")).toMatchObject(fatal("unable to run: prog: access denied"));
    const stopped = fatal("unable to run: prog: not a directory");
    expect(await run(`/etc/passwd:${at("second")}`, "/", "prog")).toMatchObject(stopped);
  },
});

line("CHPST-11", "-b gives the program another name, and is what messages say", {
  test: async (rig) => {
    const show = ["sh", "-c", "tr '\\0' '|' </proc/$$/cmdline", "x"];
    expect(await chpst(rig, ["-b", "other name", ...show])).toMatchObject(printed(`other name|-c|${show[2] ?? ""}|x|`));
    expect(await chpst(rig, ["-b", "other", "absent"])).toMatchObject(
      fatal("unable to run: other: file does not exist"),
    );
    expect(await chpst(rig, ["-b", "one", "-b", "two", "absent"])).toMatchObject(
      fatal("unable to run: two: file does not exist"),
    );
  },
});

line("CHPST-23", "-C is unknown, as before runit 2.2.0", {
  stock: async (rig) => {
    const stderr = `chpst: illegal option -- C\n${usage(rig)}`;
    expect(await chpst(rig, ["-C", "/", "pwd"])).toMatchObject({ code: 100, stdout: "", stderr });
  },
  ours: async (rig) => {
    mkdirSync(join(rig.services, "a/b"), { recursive: true });
    expect(await chpst(rig, ["-C", "a", "sh", "-c", "pwd"])).toMatchObject(printed(`${join(rig.services, "a")}\n`));
    expect(await chpst(rig, ["-C", "absent", "pwd"])).toMatchObject(
      fatal("unable to change directory: absent: file does not exist"),
    );
    expect(await chpst(rig, ["-Ca", "-/", "/", "pwd"])).toMatchObject(
      fatal("unable to change directory: a: file does not exist"),
    );
  },
  instead: "-C changes the directory, after -/",
  because: "it is in runit since 2.2.0 and in Void's",
});

rigTest("words with -- in front are answered or refused, not passed over", ourSuites, async (rig) => {
  expect(await chpst(rig, ["-v", "--help"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^usage: chpst [^]*See chpst\(8\)\.\n$/),
    stderr: "",
  });
  expect(await chpst(rig, ["--version", "true"])).toMatchObject(printed(`chpst ${version}\n`));
  const stderr = `chpst: illegal option -- user\n${usage(rig)}`;
  expect(await chpst(rig, ["--user", "nobody", "true"])).toMatchObject({ code: 100, stdout: "", stderr });
});

function script(rig: TestRig, name: string, text: string, mode = 0o755): void {
  const path = join(rig.services, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}
