import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { answer, lsb, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const usage = "usage: sv [-v] [-w sec] command service ...\n\n";

line("SV-28", "names are paths when they look like one, otherwise entries of the service directory", {
  test: async (rig) => {
    const web = rig.service("web", { log: {} });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    const { pid: logger } = await web.log.run.started();
    await web.stat("run");
    await web.logStat("run");
    const both = (name: string): string => `run: ${name}: (pid ${pid}) Ns; run: log: (pid ${logger}) Ns\n`;
    const status = async (names: readonly string[], cwd: string) => await sv(rig, ["status", ...names], { cwd });

    const anywhere = ["web", web.path, `${web.path}/`];
    expect(await status(anywhere, "/")).toMatchObject(answer(anywhere.map(both).join("")));
    const above = ["./web", "web/", "./web/", ".//web/."];
    expect(await status(above, rig.services)).toMatchObject(answer(above.map(both).join("")));
    const inside = [".", "./", "../web"];
    expect(await status(inside, web.path)).toMatchObject(answer(inside.map(both).join("")));
    const log = (name: string): string => `run: ${name}: (pid ${logger}) Ns\n`;
    expect(await status(["web/log"], "/")).toMatchObject(answer(log("web/log")));
    expect(await status(["log/"], web.path)).toMatchObject(answer(log("log/")));
    const missing = (name: string): string =>
      `fail: ${name}: unable to change to service directory: file does not exist\n`;
    expect(await status(["web/", ""], "/")).toMatchObject(answer(missing("web/") + missing(""), 2));
  },
});

line("SV-28", "names with a blank, with other letters than ASCII's and with a dash in front are names like others", {
  test: async (rig) => {
    const names = ["a b", "naïve-日本", "-x", "--"];
    for (const name of names) {
      const service = rig.service(name);
      await rig.runsv(service);
      await service.stat("run");
    }
    const started = names.map((name) => `ok: run: ${name}: (pid N) Ns\n`).join("");
    const { code, stdout, stderr } = await sv(rig, ["start", ...names]);
    expect([code, stdout.replaceAll(/pid \d+/g, "pid N"), stderr]).toEqual([0, started, ""]);
    const path = await sv(rig, ["-v", "up", "./-x"]);
    expect(path.stdout).toMatch(/^ok: run: \.\/-x: /);
  },
});

line("SV-29", "a command that waits forgets the slash at the end, and misses the service it has just commanded", {
  stock: async (rig) => {
    const { elsewhere } = await elsewhereService(rig);
    const missing = answer("fail: web/: unable to change to service directory: file does not exist\n", 1);
    expect(await sv(rig, ["start", "web/"], { cwd: elsewhere })).toMatchObject(missing);
  },
  ours: async (rig) => {
    const { elsewhere, pid } = await elsewhereService(rig);
    const answered = answer(`ok: run: web/: (pid ${pid}) Ns\n`);
    expect(await sv(rig, ["start", "web/"], { cwd: elsewhere })).toMatchObject(answered);
  },
  instead: "a command that waits finds a name that ends with a slash where it sent the command",
  because: "the name means the same throughout one call",
});

async function elsewhereService(rig: TestRig): Promise<{ readonly elsewhere: string; readonly pid: number }> {
  const elsewhere = rig.path("elsewhere");
  const web = rig.service("web", {}, elsewhere);
  await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  return { elsewhere, pid };
}

line("SV-31", "prints the usage and exits 100 for what makes no sense", {
  test: async (rig) => {
    const wrong = [[], ["status"], ["up"], ["bogus", "web"], ["", "web"], ["r", "web"], ["force-x", "web"], ["-v"]];
    for (const words of [...wrong, ["--"], ["-", "web"]]) {
      expect(await sv(rig, words)).toMatchObject({ code: 100, stdout: "", stderr: usage });
    }
    for (const [words, complaint] of [
      [["-x", "status", "web"], "illegal option -- x"],
      [["-vx"], "illegal option -- x"],
      [["-v=3"], "illegal option -- ="],
      [["-w"], "option requires an argument -- w"],
      [["-vw"], "option requires an argument -- w"],
    ] as const) {
      expect(await sv(rig, words)).toMatchObject({ code: 100, stdout: "", stderr: `sv: ${complaint}\n${usage}` });
    }
  },
});

line("SV-32", "-V tells on standard error who it is, and the usage", {
  test: async (rig) => {
    for (const words of [["-V"], ["-vV", "status", "web"], ["-V", "-x"]]) {
      const { code, stdout, stderr } = await sv(rig, words);
      expect([code, stdout]).toEqual([100, ""]);
      expect(stderr).toMatch(/^\$Id: .* \$+\n/);
      expect(stderr.replace(/^.*\n/, "")).toBe(usage);
    }
  },
});

line("SV-35", "options behind the command are names of services", {
  test: async (rig) => {
    const missing = (name: string): string =>
      `fail: ${name}: unable to change to service directory: file does not exist\n`;
    const answered = answer(["--", "-v", "-w", "1"].map(missing).join(""), 4);
    expect(await sv(rig, ["status", "--", "-v", "-w", "1"])).toMatchObject(answered);
  },
});

line("SV-42", "-w takes its number glued or as the next word, and -- ends the options", {
  test: async (rig) => {
    const web = rig.service("web");
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    const options = [["-w2"], ["-w", "2"], ["-vw", "2"], ["-vw2"], ["-v", "--"], ["-w", "9", "-v", "--"], ["-w", "--"]];
    for (const words of options) {
      expect(await sv(rig, [...words, "up", "web"])).toMatchObject(answer(`ok: run: web: (pid ${pid}) Ns\n`));
    }
    expect(await sv(rig, ["--", "up", "web"])).toMatchObject(answer(""));
  },
});

line("SV-37", "an init script's usage names the script, and its code is 2", {
  test: async (rig) => {
    const scriptUsage = "usage: web [-w sec] command\n\n";
    for (const words of [[], ["bogus"], ["stat"], ["s"], ["-v"]]) {
      expect(await lsb(rig, "web", words)).toMatchObject({ code: 2, stdout: "", stderr: scriptUsage });
    }
    const complaint = `web: illegal option -- x\n${scriptUsage}`;
    expect(await lsb(rig, "web", ["-x", "status"])).toMatchObject({ code: 2, stdout: "", stderr: complaint });
  },
});
