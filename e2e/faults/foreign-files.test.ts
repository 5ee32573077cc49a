/* Files that our runtimes read where one of their programs is developed: in a service directory we ignore them. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

// This machine has no service of that name.
const name = "planted-web";

rigTest(
  "reads no configuration of a runtime, nor .env, from scan, service or home directory",
  ourSuites,
  async (rig) => {
    const web = rig.service(name, { run: ["exit-on TERM"], log: {} });
    for (const directory of [rig.root, rig.services, web.path, web.log.path]) plant(rig, directory);
    // In the scan directory it would be a service.
    rmSync(join(rig.services, "node_modules"), { recursive: true });
    const runsvdir = startRunsvdir(rig, { cwd: rig.services });
    const { env } = await web.run.started();
    await web.log.run.started();
    await web.stat("run");
    expect(env).not.toHaveProperty("PLANTED");
    for (const cwd of [rig.services, web.path]) {
      expect(await sv(rig, ["status", name], { cwd })).toMatchObject({ code: 0, stderr: "" });
      expect(await sv(rig, ["status", name], { cwd, env: { SVDIR: undefined } })).toMatchObject({
        code: 1,
        stdout: `fail: ${name}: unable to change to service directory: file does not exist\n`,
      });
    }
    expect(await sv(rig, ["restart", name], { cwd: web.path })).toMatchObject({ code: 0, stderr: "" });
    // Started by hand, from within the directory.
    expect(await rig.run("runsv", ["."], { cwd: web.path })).toMatchObject({
      code: 111,
      stderr: "runsv .: fatal: unable to lock supervise/lock: temporary failure\n",
    });
    expect(runsvdir.stderr()).toBe("");
    expect(rig.exists(rig.path("read"))).toBe(false);
  },
);

/** Makes files there that leave a trace, or spoil everything, when a runtime reads them. */
function plant(rig: TestRig, directory: string): void {
  const trace = `require("node:fs").writeFileSync(${JSON.stringify(rig.path("read"))}, __filename);\n`;
  const put = (file: string, text: string): void => {
    mkdirSync(join(directory, file, ".."), { recursive: true });
    writeFileSync(join(directory, file), text);
  };
  put("preload.cjs", trace);
  for (const file of ["bunfig.toml", ".bunfig.toml"]) put(file, 'preload = ["./preload.cjs"]\n');
  for (const file of [".env", ".env.local", ".env.production", ".env.development"]) {
    put(file, `PLANTED=1\nSVDIR=${rig.services}\nPATH=/nowhere\nSVWAIT=nonsense\n`);
  }
  put("package.json", "this is no JSON");
  put("tsconfig.json", "this is no JSON");
  for (const library of ["koffi", "chokidar", "yargs", "proper-lockfile"])
    put(`node_modules/${library}/index.js`, trace);
}
