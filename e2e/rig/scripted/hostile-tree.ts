/*
 * Services in which something hostile lies in the place of each file that runsvdir and runsv read. The tables of the
 * documents say which files there are, so that none can be forgotten.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../core/files.ts";
import type { TestRig } from "../core/test-rig.ts";
import { costSoFar } from "../process/measured.ts";
import { runsvStartedBy, startRunsvdir } from "../runit/runsvdir.ts";
import { mostMemory, mostProcessor, strangeLines } from "./hostile-things.ts";

/** The names in the first column of the table of a document that begins with `file`. */
function filesIn(document: string): readonly string[] {
  const text = readFileSync(join(repositoryRoot, "docs", document), "utf8");
  const [, rows = ""] = /^\| file[^\n]*\n\|[- |]*\n((?:\|[^\n]*\n)+)/m.exec(text) ?? [];
  return [...rows.matchAll(/^\| `([^`]+)`/gm)].map(([, name = ""]) => name.replace(/\/$/, ""));
}

export const ofService = [...new Set(filesIn("service-directory.md"))].filter((name) => name !== "log");
const replaced = ["pid", "stat", "status", "state.json"];
export const ofSupervise = [...filesIn("supervise-directory.md"), ...replaced.map((name) => `${name}.new`)];
export const ofLog = ["config", ...filesIn("log-directory.md")].map((name) =>
  name.replace("LABEL", `4${"0".repeat(23)}`),
);
export const ofScan = filesIn("scan-directory.md");

/**
 * runsvdir and runsv: one service for all settings, one for each file that decides whether there is a service at all.
 *
 * @param give gives the scan directory, with all that is in it, to another user.
 */
export async function superviseHostile(
  rig: TestRig,
  put: (path: string) => void,
  give: (directory: string) => void = () => {},
): Promise<readonly string[]> {
  const control = rig.service("control", { run: ["exit-on TERM"] });
  const settings = rig.service("settings", {});
  for (const file of ofService) if (file !== "run") put(settings.file(file.replace("control/X", "control/u")));
  rig.service("logged", { log: {} });
  for (const file of ofService) if (file !== "run") put(rig.path("service/logged/log", file.replace("/X", "/u")));
  put(rig.service("no-run", { run: "absent" }).file("run"));
  const state = rig.service("state", {});
  for (const file of ofSupervise) if (!["lock", "control", "ok"].includes(file)) put(state.file("supervise", file));
  for (const file of ["lock", "control", "ok"]) put(rig.service(`with-${file}`, {}).file("supervise", file));
  put(rig.path("service/supervise-itself/supervise"));
  put(rig.path("service/entry"));
  give(rig.services);
  const runsvdir = startRunsvdir(rig);
  await control.stat("run");
  // Everybody else has had as much time as the control, and one that works takes commands.
  const runsv = await rig.until("every runsv", () => {
    const found = runsvStartedBy(runsvdir.pid);
    return found.length >= 4 && found.some(({ name }) => name === "control") ? found : undefined;
  });
  const usual = costSoFar(runsv.find(({ name }) => name === "control")?.pid ?? 0);
  const faults = [...runsv, { pid: runsvdir.pid, name: "runsvdir" }].flatMap(({ pid, name }) => {
    const { memory, processor } = costSoFar(pid);
    const isFat = memory > usual.memory + mostMemory;
    const isSlow = processor > usual.processor + mostProcessor;
    return isFat || isSlow ? [`${name} holds ${memory} kB and took ${processor} ms`] : [];
  });
  runsvdir.kill("SIGHUP");
  await rig.result(runsvdir);
  return [...faults, ...strangeLines(runsvdir.stderr())];
}
