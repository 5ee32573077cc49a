// Runs one of the repository's TypeScript programs: node scripts/bootstrap.mjs FILE [ARGUMENT ...]
//
// A fresh machine has Node 20 and npm, which can run neither the tools nor TypeScript. The suite's
// own Node comes as an npm package, so this file, in plain JavaScript and with nothing installed,
// installs the dependencies when they are not as the lockfile says, and goes on under that Node.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// Not in a packageManager field: pnpm would then look for a package of its own that not every registry has.
const pnpm = `pnpm@${JSON.parse(readFileSync(resolve(root, "package.json"), "utf8")).config.pnpm}`;
const tools = resolve(root, "node_modules/.bin");
const stampFile = resolve(root, "node_modules/.cache/installed");

const [file, ...args] = process.argv.slice(2);
if (file === undefined) fail("usage: node scripts/bootstrap.mjs file [argument ...]");

process.chdir(root);
install();
process.env.PATH = [tools, process.env.PATH].join(delimiter);
runAndWait(resolve(tools, "node"), [resolve(root, file), ...args]);

function install() {
  const wanted = fingerprint();
  if (existsSync(stampFile) && existsSync(resolve(tools, "node")) && readFileSync(stampFile, "utf8") === wanted) return;

  const isTerminal = process.stderr.isTTY;
  if (isTerminal) process.stderr.write("Installing what the lockfile names ...\n");
  const { status, error, stdout, stderr } = spawnSync(
    "npx",
    // Under npm --silent it would keep its errors to itself.
    ["--yes", "--loglevel=error", pnpm, "install", "--frozen-lockfile", "--config.confirmModulesPurge=false"],
    // Nothing may ask a question; and in a pipe only a failure is worth reading.
    { stdio: isTerminal ? ["ignore", 2, 2] : ["ignore", "pipe", "pipe"], encoding: "utf8" },
  );
  if (error !== undefined) fail(`unable to run npx: ${error.message}`);
  if (status !== 0) fail(`${stdout ?? ""}${stderr ?? ""}unable to install the dependencies`);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, wanted);
}

/** Changes whenever an installation could have a different result. */
function fingerprint() {
  const hash = createHash("sha256").update(`${pnpm} ${process.platform} ${process.arch}`);
  const folders = readdirSync("packages", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const manifests = [".", "e2e", "bench", ...folders.map(({ name }) => `packages/${name}`).toSorted()]
    .map((folder) => `${folder}/package.json`)
    .filter((path) => existsSync(path));
  for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests]) {
    hash.update(`\0${path}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
}

/** Ends as the child ends, and never before it: whoever waits for us waits for all that it started. */
function runAndWait(command, commandArgs) {
  const child = spawn(command, commandArgs, { stdio: "inherit" });
  // Ctrl-C and hanging up reach the child as well, and npm sends INT to us once more: the child, for
  // which a second one may mean "faster", is to see one. Away from a terminal we alone may have got it.
  for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => isInForeground() || child.kill(signal));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("error", (error) => fail(`unable to run ${command}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/** Whether a terminal's keys send signals to this process group. */
function isInForeground() {
  // The name, which may contain anything, ends with the last parenthesis.
  const [, , group, , , foreground] = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1).split(" ");
  return group === foreground;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
