/* sv show: one service on one screen. */
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { withStock } from "../rig/runit/sv.ts";
import { ourSuites } from "../rig/core/suites.ts";

interface Shown {
  readonly state: string;
  readonly processes: readonly { readonly pid: number; readonly command: string }[];
  readonly lastLines: readonly string[];
}

rigTest("sv show tells state, processes and last lines, whoever supervises", withStock, async (rig) => {
  const log = { run: shell("mkdir -p main", "exec svlogd -tt main") };
  const web = rig.service("web", { run: shell("echo hello", "sleep 600 &", "exec sleep 601"), log });
  await rig.runsv(web);
  const shown = async (): Promise<Shown | undefined> => {
    const { stdout } = await rig.run("sv", ["show", "--json", "web"]);
    return (JSON.parse(stdout) as readonly Shown[])[0];
  };
  await rig.until("its processes and its line", async () => {
    const now = await shown();
    return now?.processes.length === 2 && now.lastLines.length === 1;
  });
  const found = await shown();
  expect([found?.state, found?.lastLines]).toEqual(["run", ["hello"]]);
  expect(found?.processes.map(({ command }) => command)).toEqual(["sleep 601", "sleep 600"]);
  const { code, stdout } = await rig.run("sv", ["show", "web"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^● web - up - .*\n {6}state: run \(pid \d+\) for /);
  expect(stdout).toContain("\n last lines: hello\n       next: sv log -f web · sv restart web\n");
});

rigTest("sv show tells of a failure, its last words, and who waits for it", ourSuites, async (rig) => {
  const files = { "restart-limit": "1 60", "log-prefix": "" };
  const db = rig.service("db", { run: shell("printf 'no disk\\033[2J\\n'", "exit 3"), files });
  rig.service("web", { run: shell("exec sleep 600"), files: { "dependencies.d/db": "" } });
  await rig.runsv(db);
  await rig.until("the failure", () => rig.read(db.file("supervise/state.json")).includes("restart-limit"));
  await rig.until("its last words", () => rig.read(db.file("supervise/last-words")) !== "");
  await rig.until("its ends", () => rig.read(db.file("supervise/history.json")).split('"code":3').length > 2);
  const { code, stdout } = await rig.run("sv", ["show", "db", "web"]);
  expect(code).toBe(1);
  expect(stdout).toContain("● db - failed - ");
  expect(stdout).toContain("\n     failed: 2 failures within 60 seconds\n  needed by: web (unknown)\n");
  expect(stdout).toMatch(
    /\n {2}last ends: \.\/run exited 3 after \d+ ms.*\n {13}\.\/run exited 3 after .*\n last lines: no disk\\x1b\[2J\n/,
  );
  expect(stdout).toContain("\n● web - unknown - ");
  expect(stdout).toContain("\n  waits for: db (failed)\n");
  expect((await rig.run("sv", ["graph", "web"])).stdout).toBe("web (unknown)\n  needs db (failed)\ndb (failed)\n");
  // What begins like it keeps runit's meaning.
  const [short, status] = [await rig.run("sv", ["sho", "db"]), await rig.run("sv", ["status", "db"])];
  expect(short.stdout.replace(/\d+s/, "")).toBe(status.stdout.replace(/\d+s/, ""));
});
