/* sv list on a terminal, and with what services use. */
import { unlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { Terminal } from "../rig/process/terminal.ts";
import { root } from "../rig/process/under.ts";
import { things } from "../rig/scripted/hostile-things.ts";
import { withStock } from "../rig/runit/sv.ts";

rigTest("sv list shows use, JSON, and changes as they come, in colour on a terminal", withStock, async (rig) => {
  const web = rig.service("web", { run: shell("exec sleep 600") });
  await rig.runsv(web);
  await rig.until("the service", async () => (await rig.run("sv", ["list"])).stdout.includes("run"));
  const { code, stdout } = await rig.run("sv", ["list", "--wide"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^SERVICE .* CPU .* MEMORY .* LAST EXIT\nweb .* \d\.\d\ds .* [\d.]+[KM] .*\n$/);
  const [json, status] = [await rig.run("sv", ["list", "--json"]), await rig.run("sv", ["status", "--json"])];
  expect(json.stdout.replace(/"seconds":\d+/, "")).toBe(status.stdout.replace(/"seconds":\d+/, ""));
  using terminal = await Terminal.open(rig, "sv list --watch");
  await rig.until("the table", () => terminal.screen().includes("\x1b[32mrun\x1b[0m"));
  web.supervise.control("p");
  await rig.until("the change", () => terminal.screen().includes("\x1b[33mpaused\x1b[0m"));
  terminal.type("\u0003");
  await rig.result(terminal.command);
  web.supervise.control("c");
});

rigTest(
  "sv list reads no device in the place of a state file",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: shell("exec sleep 600") });
    await rig.runsv(web);
    await rig.until("the service", async () => (await rig.run("sv", ["list"])).stdout.includes("run"));
    const row = async (): Promise<string> => (await rig.run("sv", ["list"])).stdout.split("\n")[1] ?? "";
    const put = things["a device"];
    if (put === undefined) throw new Error("there is no such thing");
    const replace = (name: string): void => {
      unlinkSync(join(web.path, "supervise", name));
      put(join(web.path, "supervise", name), "");
    };
    replace("state.json");
    expect(await row()).toMatch(/^web {6}run {4}up {4}- {6}\w+ +- {9}-$/);
    replace("status");
    expect(await row()).toMatch(/^web {6}unable to read supervise\/status: not a regular file$/);
  },
  { needs: root },
);
