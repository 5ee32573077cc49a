/*
 * Carries out the bursts of a storm on a scan directory, and finds out what breaks: a service that runs twice, one that is
 * not up again in time, illegal bytes, lines that are lost.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestRig } from "../core/test-rig.ts";
import { hasLetGo, isAlive, isErrno, signalProcess } from "../process/processes.ts";
import type { RunningCommand } from "../process/running-command.ts";
import { readLogs } from "../runit/log-files.ts";
import { supervisorsOf } from "../runit/runsvdir.ts";
import { supervisorOf } from "../runit/state-json.ts";
import { SuperviseDirectory } from "../runit/supervise.ts";
import { FairClock } from "./fair-clock.ts";
import { faultsOfLog, type Written } from "./lines.ts";
import {
  type Act,
  type Burst,
  disturbedLogs,
  type Model,
  initialModel,
  type Kind,
  type Numbers,
  planBurst,
  type Slot,
} from "./plan.ts";
import { illegal, unrest } from "./rest.ts";
import { makeService } from "./service.ts";

/** How long the many services may take to start for the first time, and to stop, in ms on the clock on the wall. */
const longest = 120_000;

export interface StormOptions {
  readonly kind: Kind;
  /** Of runsvdir. */
  readonly words: readonly string[];
  readonly numbers: Numbers;
  /** In ms. */
  readonly duration: number;
  /** How long services may take to come to rest after a burst, in ms on the {@link FairClock}. */
  readonly patience: number;
  /** Told after each burst. */
  readonly onBurst?: (bursts: number, acts: number) => void;
}

/** Makes services, and storms for so long. Throws an error that tells what has broken. */
export async function storm(
  rig: TestRig,
  { kind, words, numbers, duration, patience, onBurst }: StormOptions,
): Promise<void> {
  const scene = new Scene(rig, words, kind, patience);
  let model = initialModel(kind.services);
  for (const [id, { name }] of model.services) scene.add(id, name);
  scene.startScanner();
  await scene.settle(model, longest);
  const end = performance.now() + duration;
  let acts = 0;
  for (let bursts = 1; performance.now() < end; bursts += 1) {
    const burst = planBurst(model, kind, numbers);
    await scene.run(burst);
    model = burst.model;
    acts += burst.acts.length;
    onBurst?.(bursts, acts);
  }
  await scene.end(model);
}

/** The services, and the runsvdir that has them now. */
class Scene {
  readonly #rig: TestRig;
  readonly #words: readonly string[];
  readonly #kind: Kind;
  readonly #patience: number;
  readonly #stopped = new Set<number>();
  /** Each runsv that was killed in this burst. */
  readonly #killed = new Set<number>();
  /** Where the entry of each service is. */
  readonly #paths = new Map<number, string>();
  #scanner: RunningCommand | undefined;

  constructor(rig: TestRig, words: readonly string[], kind: Kind, patience: number) {
    this.#rig = rig;
    this.#words = words;
    this.#kind = kind;
    this.#patience = patience;
    mkdirSync(rig.path("written"));
    mkdirSync(rig.path("new"));
    writeFileSync(rig.path("faults"), "");
  }

  startScanner(): void {
    this.#scanner = this.#rig.start("runsvdir", [...this.#words, this.#rig.services], {
      cwd: this.#rig.root,
      env: { UPKEEP_TRACE: process.env["UPKEEP_TRACE"] },
    });
  }

  /** Makes a service directory elsewhere, and moves it into place. */
  add(id: number, name: string): void {
    const path = this.#rig.path("new", name);
    makeService(path, id, this.#rig.root);
    this.#move(id, path, name);
  }

  async run(burst: Burst): Promise<void> {
    const { acts, commands, model } = burst;
    for (const act of acts) {
      this.#rig.note(JSON.stringify(act));
      await this.#act(act);
      if ("id" in act) this.#expectNone(illegal(this.#path(act.id)));
    }
    // As long as one has its FIFOs open, it looks as if it lived, and swallows the commands that it gets.
    for (const pid of this.#killed) await this.#rig.until(`the end of ${pid}`, () => hasLetGo(pid), longest);
    this.#killed.clear();
    const supervised = [...model.services].filter(([, { isHidden }]) => !isHidden);
    await this.#within(this.#patience, () =>
      supervised
        .map(([id]) => this.#path(id))
        .find((path) => !new SuperviseDirectory(`${path}/supervise`).isSupervised()),
    );
    const visible = new Set(supervised.map(([id]) => id));
    await this.#settleLogs(disturbedLogs(burst).filter((id) => visible.has(id)));
    for (const { id, bytes } of commands) this.#command(id, "service", bytes);
    await this.settle(model, this.#patience);
    await this.#beSeen(supervised.map(([id]) => id));
  }

  /**
   * Waits until runsvdir has all services, and has read its directory once more. All may be as it should before that: a runsv
   * does its work without a runsvdir, too. But an entry that goes before it was seen has nobody who ends its service.
   */
  async #beSeen(ids: readonly number[]): Promise<void> {
    const scanner = this.#scanner?.pid ?? 0;
    const unseen = (): string | undefined => {
      const seen = supervisorsOf(scanner);
      const id = ids.find((one) => !seen.has(this.#supervisor(one)));
      return id === undefined ? undefined : `${this.#path(id)}: not supervised below ${scanner}`;
    };
    await this.#within(this.#patience, unseen);
    const stamp = join(this.#rig.services, ".forced-rescan");
    const before = this.#rig.read(stamp);
    // A runsvdir that has services has a handler for it.
    signalProcess(scanner, "SIGALRM");
    const scanned = (): boolean => this.#rig.read(stamp) !== before;
    await this.#within(this.#patience, () => (scanned() ? unseen() : "no scan on request"));
  }

  /**
   * Waits until the commands for these logs have been carried out, which shows nowhere: the log may run as it should, and the
   * one that ends it may still wait in the FIFO. A pause behind it shows. Otherwise the next burst could kill the supervisor
   * while the log ends, and then nobody has the pipe.
   */
  async #settleLogs(ids: readonly number[]): Promise<void> {
    const left = new Set(ids);
    await this.#within(this.#patience, () => {
      for (const id of left) {
        const stat = this.#supervise(id, "log").stat();
        if (stat.includes("paused")) left.delete(id);
        else if (stat === "run") this.#command(id, "log", "p");
      }
      const [first] = left;
      return first === undefined ? undefined : `log ${first} does not pause`;
    });
    for (const id of ids) this.#command(id, "log", "c");
  }

  /** Waits until all are as the model says. */
  async settle({ services }: Model, limit: number): Promise<void> {
    const first = (): string | undefined => {
      for (const [id, expected] of services) {
        const found = unrest(this.#path(id), expected);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    await this.#within(limit, first);
    for (const id of services.keys()) this.#expectNone(illegal(this.#path(id)));
    this.#expectSane();
  }

  /** Has all services stopped in order, and reads their logs. */
  async end(model: Model): Promise<void> {
    this.#scanner?.kill("SIGTERM");
    const code = this.#scanner === undefined ? 0 : (await this.#rig.result(this.#scanner, longest)).code;
    if (code !== 0) throw new Error(`runsvdir ended with ${code}`);
    const alive = [...model.services.keys()].filter((id) => isAlive(this.#supervise(id, "service").pid() ?? 0));
    this.#expectNone(alive.map((id) => `service ${id} lives on`));
    this.#expectSane();
    for (const [id, path] of this.#paths) {
      const text = Buffer.concat(readLogs(join(path, "log/main"))).toString("latin1");
      this.#expectNone(faultsOfLog(text.split("\n").slice(0, -1), this.#written(id)));
    }
  }

  async #act(act: Act): Promise<void> {
    switch (act.kind) {
      case "wait":
        return await sleep(act.millis);
      case "signal":
        return this.#signal(this.#supervise(act.id, act.slot).pid() ?? 0, act.signal);
      case "signalRunsv": {
        const pid = this.#supervisor(act.id);
        if (act.signal === "SIGKILL") this.#killed.add(pid);
        return this.#signal(pid, act.signal);
      }
      case "signalScanner":
        this.#signal(this.#scanner?.pid ?? 0, act.signal);
        if (act.signal === "SIGKILL") await this.#scanner?.ended;
        return;
      case "startScanner":
        return this.startScanner();
      case "command":
        return this.#command(act.id, act.slot, act.bytes);
      case "add":
        return this.add(act.id, act.name);
      case "rename":
        return this.#move(act.id, this.#path(act.id), act.to);
      case "continueAll":
        for (const pid of this.#stopped) signalProcess(pid, "SIGCONT");
        return this.#stopped.clear();
      default:
        return act satisfies never;
    }
  }

  #signal(pid: number, signal: NodeJS.Signals): void {
    if (pid === 0 || !isAlive(pid) || !signalProcess(pid, signal)) return;
    if (signal === "SIGSTOP") this.#stopped.add(pid);
    if (signal === "SIGKILL") this.#stopped.delete(pid);
  }

  /** Nobody may read at the moment, and a reader that is stopped lets the FIFO fill up. */
  #command(id: number, slot: Slot, bytes: string): void {
    try {
      this.#supervise(id, slot).control(bytes);
    } catch (error) {
      if (!["ENOENT", "ENXIO", "EAGAIN"].some((code) => isErrno(error, code))) throw error;
    }
  }

  #supervisor(id: number): number {
    return supervisorOf({ name: "", file: (name) => join(this.#path(id), name) });
  }

  #supervise(id: number, slot: Slot): SuperviseDirectory {
    return new SuperviseDirectory(join(this.#path(id), slot === "log" ? "log/supervise" : "supervise"));
  }

  #move(id: number, from: string, name: string): void {
    const path = join(this.#rig.services, name);
    renameSync(from, path);
    this.#paths.set(id, path);
  }

  #path(id: number): string {
    const path = this.#paths.get(id);
    if (path === undefined) throw new Error(`there is no service ${id}`);
    return path;
  }

  #written(id: number): readonly Written[] {
    const directory = this.#rig.path("written");
    const starts = readdirSync(directory).filter((name) => name.startsWith(`${id}-`));
    return starts.map((start) => ({ start, count: Number(readFileSync(join(directory, start), "utf8")) }));
  }

  async #within(limit: number, fault: () => string | undefined): Promise<void> {
    const clock = new FairClock();
    for (let found = fault(); found !== undefined; found = fault()) {
      if (clock.millis() > limit) {
        this.#expectSane();
        throw new Error(`not at rest after ${limit} ms: ${found}`);
      }
      await sleep(20);
      clock.tick();
    }
  }

  #expectSane(): void {
    if (this.#scanner?.ending !== undefined && this.#scanner.ending.code !== 0)
      throw new Error("runsvdir has ended by itself");
    this.#expectNone(
      this.#rig
        .read(this.#rig.path("faults"))
        .split("\n")
        .filter((line) => line !== ""),
    );
    const said = this.#scanner?.stderr().split("\n") ?? [];
    this.#expectNone(said.filter((line) => /internal error|fatal/.test(line) && !this.#isExpected(line)));
  }

  /**
   * A runsv that the killed scanner had just started is not on record yet. The next scanner starts another one, which finds
   * the lock taken; the second time it adopts the first one.
   */
  #isExpected(line: string): boolean {
    return this.#kind.hasRunsv && line.endsWith("fatal: unable to lock supervise/lock: temporary failure");
  }

  #expectNone(faults: readonly string[]): void {
    if (faults.length > 0) throw new Error(faults.slice(0, 20).join("\n"));
  }
}
