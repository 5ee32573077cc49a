/*
 * The npm packages, from a registry of our own: with the executable and on Node alone, with npm and with npx, through an
 * upgrade and a downgrade under running services.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { expect, test } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { type ScratchDirectory, scratchDirectory } from "../rig/core/scratch.ts";
import { standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { commandLine, isAlive } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { current, next, packagesBuilt } from "../rig/packages/built-packages.ts";
import { CountingServices, type Shell, shellBy } from "../rig/packages/counting-services.ts";
import { type Registry, startRegistry } from "../rig/packages/registry.ts";

const needs = program("npm", "npm") ?? (await packagesBuilt());
const golden = join(import.meta.dirname, "npm-contents.txt");

/** A place to install to, which is removed. */
class Prefix implements Disposable {
  readonly #scratch: ScratchDirectory = scratchDirectory();
  readonly #registry: Registry;
  /** Where npm puts the commands of a global installation, or those of a project. */
  #commands = "bin";

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Makes it a project. npm would otherwise take the one above it, and ignores `--omit` in global installations. */
  asProject(): void {
    mkdirSync(this.root);
    writeFileSync(join(this.root, "package.json"), '{ "private": true }\n');
    this.#commands = "node_modules/.bin";
  }

  get root(): string {
    return join(this.#scratch.path, "prefix");
  }

  get bin(): string {
    return join(this.root, this.#commands);
  }

  /** The commands of npm come first, then the Node that runs the tests. */
  get environment(): Readonly<Record<string, string>> {
    const path = [this.bin, dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter);
    return {
      PATH: path,
      HOME: this.#scratch.path,
      npm_config_registry: this.#registry.url,
      npm_config_cache: join(this.#scratch.path, "cache"),
      npm_config_update_notifier: "false",
    };
  }

  async npm(...words: readonly string[]): Promise<void> {
    const cwd = existsSync(this.root) ? this.root : this.#scratch.path;
    await execa("npm", words, { env: this.environment, cwd, stdin: "ignore" });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
    this.#scratch[Symbol.dispose]();
  }
}

function startRunsvdir(rig: TestRig, prefix: Prefix, ...words: readonly string[]): RunningCommand {
  return rig.start(join(prefix.bin, "runsvdir"), [...words, rig.services], { env: prefix.environment });
}

/** Brings one service through its life. */
async function expectLife(rig: TestRig, prefix: Prefix, runsvdir: RunningCommand): Promise<void> {
  const sv = async (...words: readonly string[]): Promise<string> =>
    (await rig.run(join(prefix.bin, "sv"), words, { env: prefix.environment })).stdout;
  const counting = new CountingServices(shellOf(rig, prefix), rig.services, rig.path("logs"));
  await counting.make();
  const [service = ""] = await counting.toRun(rig);
  process.kill(Number(service), "SIGKILL");
  await rig.until(
    "a restart",
    async () => (await sv("status", "counting0")).startsWith("run: counting0: ") && !isAlive(Number(service)),
  );
  expect(await sv("restart", "counting0")).toMatch(/^ok: run: counting0: /);
  expect(await sv("renew")).toContain(
    `ok: renewed: runsvdir: (pid ${runsvdir.pid}) version ${current.version}, as before\n`,
  );
  expect(await sv("stop", "counting0")).toMatch(/^ok: down: counting0: /);
}

function shellOf(rig: TestRig, prefix: Prefix): Shell {
  return shellBy((script) => rig.run("sh", ["-c", script], { env: prefix.environment }));
}

rigTest(
  "npm install -g leaves commands that become the executable in their own process",
  [standalone],
  async (rig) => {
    await using registry = await startRegistry([current]);
    using prefix = new Prefix(registry);
    await prefix.npm("install", "--global", "--prefix", prefix.root, "upkeep");
    const build = await rig.run(join(prefix.bin, "upkeep"), ["--version", "--json"], { env: prefix.environment });
    expect(JSON.parse(build.stdout)).toMatchObject({
      version: current.version,
      runtime: expect.stringMatching(/^bun /),
    });
    const runsvdir = startRunsvdir(rig, prefix, "--inline");
    await expectLife(rig, prefix, runsvdir);
    // It is runsvdir by name, and holds the services itself: the commands in PATH are known as its own.
    expect(commandLine(runsvdir.pid)).toEqual(["runsvdir", "--inline", rig.services]);
    expect(runsvdir.stderr()).toBe("");
    const manual = readFileSync(join(prefix.root, "share/man/man8/sv.8"), "utf8");
    expect(manual).toContain(".TH SV 8");
  },
  { needs },
);

rigTest(
  "without the optional packages the commands run on Node",
  [standalone],
  async (rig) => {
    await using registry = await startRegistry([current]);
    using prefix = new Prefix(registry);
    prefix.asProject();
    await prefix.npm("install", "--omit=optional", "upkeep");
    const build = await rig.run(join(prefix.bin, "upkeep"), ["--version", "--json"], { env: prefix.environment });
    expect(JSON.parse(build.stdout)).toMatchObject({
      version: current.version,
      runtime: `node ${process.versions.node}`,
    });
    const runsvdir = startRunsvdir(rig, prefix, "--inline");
    await expectLife(rig, prefix, runsvdir);
    expect(runsvdir.stderr()).toBe("");
    const front = await rig.run(join(prefix.bin, "upkeep"), ["run", "--help"], { env: prefix.environment });
    expect(front.stdout).toMatch(/^usage: upkeep run/);
  },
  { needs },
);

rigTest(
  "npx upkeep runs it from a project",
  [standalone],
  async (rig) => {
    await using registry = await startRegistry([current]);
    using prefix = new Prefix(registry);
    prefix.asProject();
    writeFileSync(join(prefix.root, "Procfile"), "web: echo from the Procfile; exec sleep 1000\n");
    const words = ["-c", 'cd "$0" && exec npx --yes upkeep run', prefix.root];
    const run = rig.start("sh", words, { env: { ...prefix.environment, UPKEEP_RUNDIR: rig.path("run") } });
    await rig.until("the line of the service", () => run.stdout().includes("from the Procfile"));
    run.kill("SIGTERM");
    await rig.result(run);
  },
  { needs },
);

rigTest(
  "an upgrade and a downgrade under running services restart none of them",
  [standalone],
  async (rig) => {
    await using registry = await startRegistry([current, next]);
    using prefix = new Prefix(registry);
    const install = async (version: string): Promise<void> => {
      await prefix.npm("install", "--global", "--prefix", prefix.root, `upkeep@${version}`);
    };
    await install(current.version);
    const runsvdir = startRunsvdir(rig, prefix);
    const counting = new CountingServices(shellOf(rig, prefix), rig.services, rig.path("logs"));
    await counting.make();
    const pids = await counting.toRun(rig);
    for (const [before, after] of [
      [current, next],
      [next, current],
    ] as const) {
      await install(after.version);
      const run = async (...words: readonly string[]): Promise<string> =>
        (await rig.run(join(prefix.bin, "sv"), words, { env: prefix.environment })).stdout;
      // The new sv controls the old runsv, and then the new one.
      expect(await run("--version")).toBe(`sv ${after.version}\n`);
      expect(await run("cont", "counting0")).toBe("");
      expect(await run("status", "counting0")).toMatch(/^run: counting0: \(pid \d+\) \d+s; run: log: /);
      const renewed = await run("-w", "60", "renew");
      expect(renewed).toContain(`runsvdir: (pid ${runsvdir.pid}) version ${after.version}, before ${before.version}\n`);
      expect(renewed).toContain(`ok: renewed: 10 runsv: version ${after.version}, before ${before.version}\n`);
      await counting.expectUntouched(rig, pids);
    }
    expect(runsvdir.stderr()).toBe("");
  },
  { needs },
);

/** What npm would put into a package that is made of these files. */
async function contentsOf(file: string): Promise<readonly string[]> {
  using scratch = scratchDirectory();
  await execa("tar", ["-C", scratch.path, "-xzf", file]);
  const directory = join(scratch.path, "package");
  const { stdout: modes } = await execa("tar", ["-tvzf", file]);
  // npm packs to tell the size, which takes long.
  writeFileSync(join(directory, "bin/upkeep"), "");
  const { stdout } = await execa("npm", ["pack", "--dry-run", "--json"], { cwd: directory });
  const [packed] = JSON.parse(stdout) as readonly [{ readonly files: readonly { readonly path: string }[] }];
  const all = modes.split("\n").map((line) => /^(\S+) .* package\/(.*)$/.exec(line)?.slice(1) ?? []);
  const ours = all.map(([, path = ""]) => path).toSorted();
  expect(packed.files.map(({ path }) => path).toSorted()).toEqual(ours);
  const { messages } = await publint({ pkgDir: directory, strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, {}))).toEqual([]);
  return all.map(([mode = "", path = ""]) => `${mode} ${path}`).toSorted();
}

const listed = needs ?? (process.arch === "x64" ? undefined : "the list is of the packages for x64");
const facts = listed === undefined ? {} : { meta: { skipReason: listed }, skip: true };

test(
  "the packages have the files that are listed, which npm packs as well, and publint is content",
  facts,
  async () => {
    const texts: string[] = [];
    for (const name of [current.suite, current.platform]) {
      const contents = await contentsOf(join(current.directory, name));
      texts.push(`${name.replace(`-${current.version}.tgz`, "")}\n${contents.map((line) => `  ${line}\n`).join("")}`);
    }
    await expect(texts.join("\n")).toMatchFileSnapshot(golden);
  },
);
