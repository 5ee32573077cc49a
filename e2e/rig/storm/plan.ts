/*
 * What a storm does to services, decided by chance and without touching them. A storm is a row of bursts. After each of
 * them the services have come to rest, and are as the model says.
 */

/** A source of random numbers. */
export interface Numbers {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  /** One of a list. */
  of<T>(list: readonly T[]): T;
}

/** What a service is to be when all has come to rest. */
export interface Expected {
  /** Its entry in the scan directory; the service is found by its id, which never changes. */
  readonly name: string;
  readonly want: "up" | "down";
  /** Its entry has a name that runsvdir passes over: it must not run. */
  readonly isHidden: boolean;
}

/** The services by their ids. */
export interface Model {
  readonly services: ReadonlyMap<number, Expected>;
  readonly nextId: number;
}

export type Slot = "service" | "log";

/** One thing that happens. */
export type Act =
  | { readonly kind: "wait"; readonly millis: number }
  | {
      readonly kind: "signal";
      readonly id: number;
      readonly slot: Slot;
      readonly signal: "SIGKILL" | "SIGSTOP" | "SIGTERM";
    }
  | { readonly kind: "command"; readonly id: number; readonly slot: Slot; readonly bytes: string }
  /** Kills or stops the runsv of a service, where it has one. */
  | { readonly kind: "signalRunsv"; readonly id: number; readonly signal: "SIGKILL" | "SIGSTOP" }
  | { readonly kind: "signalScanner"; readonly signal: "SIGKILL" | "SIGSTOP" | "SIGALRM" }
  | { readonly kind: "startScanner" }
  | { readonly kind: "add"; readonly id: number; readonly name: string }
  /** Of a name that begins with a dot, runsvdir sees nothing. */
  | { readonly kind: "rename"; readonly id: number; readonly from: string; readonly to: string }
  /** Lets go on all that was stopped. */
  | { readonly kind: "continueAll" };

export interface Burst {
  readonly acts: readonly Act[];
  /** Commands that make what is wanted certain, to be sent when all are supervised again. */
  readonly commands: readonly { readonly id: number; readonly bytes: string }[];
  /** What must come of it. */
  readonly model: Model;
}

export interface Kind {
  /** Each service has a runsv of its own, which can be killed alone. */
  readonly hasRunsv: boolean;
  /** The most services at a time. */
  readonly services: number;
  /** The most acts of a burst. */
  readonly acts: number;
}

/**
 * What happens to the supervisor of a service in a burst. A pipe to a log has two readers, that log and the supervisor. If
 * both are killed, the service gets PIPE, and the lines in the pipe are gone. So a burst kills one of them at most.
 */
type Supervisor = "stays" | "mayDie";

/** The services whose log something has happened to. */
export function disturbedLogs({ acts }: Burst): readonly number[] {
  const ids = acts.flatMap((act) =>
    (act.kind === "command" || (act.kind === "signal" && act.signal !== "SIGSTOP")) && act.slot === "log"
      ? [act.id]
      : [],
  );
  return [...new Set(ids)];
}

export function initialModel(services: number): Model {
  const entries = Array.from(
    { length: services },
    (_, id) => [id, { name: `s${id}`, want: "up", isHidden: false }] as const,
  );
  return { services: new Map(entries), nextId: services };
}

export function planBurst(model: Model, kind: Kind, numbers: Numbers): Burst {
  const draft = new Draft(model, kind, numbers, numbers.below(3) === 0);
  for (let left = 1 + numbers.below(kind.acts); left > 0; left -= 1) draft.next();
  return draft.finish();
}

/** A burst that is being made. */
class Draft {
  readonly #kind: Kind;
  readonly #numbers: Numbers;
  /** The scanner, and all engines in it, may be killed. */
  readonly #losesScanner: boolean;
  readonly #services: Map<number, Expected>;
  readonly #supervisors = new Map<number, Supervisor>();
  /** What these want is open, because a command may have been lost, or is carried out at some later time. */
  readonly #uncertain = new Set<number>();
  /** These may leave, and come back wanted up: a command that they get meanwhile may be lost. */
  readonly #leaving = new Set<number>();
  /** The entries of these have come back. */
  readonly #shown = new Set<number>();
  /** These may have been called back since they were told to go. */
  readonly #calledBack = new Set<number>();
  /** How often the log of each may have been ended. */
  readonly #logEnds = new Map<number, number>();
  readonly #acts: Act[] = [];
  #nextId: number;

  constructor(model: Model, kind: Kind, numbers: Numbers, losesScanner: boolean) {
    this.#kind = kind;
    this.#numbers = numbers;
    this.#losesScanner = losesScanner;
    this.#services = new Map(model.services);
    this.#nextId = model.nextId;
  }

  /** Adds one or several acts. */
  next(): void {
    const kinds = 20;
    const at = this.#numbers.below(kinds);
    if (at < 4) this.#acts.push({ kind: "wait", millis: this.#numbers.below(at === 0 ? 1200 : 30) });
    else if (at < 9) this.#signal();
    else if (at < 14) this.#command();
    else if (at < 16) this.#signalSupervisor();
    else this.#changeEntries();
  }

  finish(): Burst {
    this.#acts.push({ kind: "continueAll" });
    // What was hidden while nobody looked runs on, and nobody ends it: as with runit, that takes a supervisor.
    if (this.#losesScanner) for (const [id, service] of this.#services) if (service.isHidden) this.#show(id, service);
    const commands: { readonly id: number; readonly bytes: string }[] = [];
    for (const id of this.#uncertain) {
      const service = this.#services.get(id);
      if (service === undefined || service.isHidden) continue;
      const want = this.#numbers.below(4) === 0 && !this.#leaving.has(id) ? "down" : "up";
      this.#services.set(id, { ...service, want });
      commands.push({ id, bytes: want === "up" ? "uc" : "dc" });
    }
    return { acts: this.#acts, commands, model: { services: this.#services, nextId: this.#nextId } };
  }

  #signal(): void {
    const [id] = this.#choose(({ isHidden }) => !isHidden);
    const slot = this.#numbers.of(["service", "log"] as const);
    const signal = this.#numbers.of(["SIGKILL", "SIGKILL", "SIGSTOP", "SIGTERM"] as const);
    if (slot === "service" || signal === "SIGSTOP" || this.#mayEndLog(id, 1))
      this.#acts.push({ kind: "signal", id, slot, signal });
  }

  #command(): void {
    const [id] = this.#choose(({ isHidden }) => !isHidden);
    const slot: Slot = this.#numbers.below(3) === 0 ? "log" : "service";
    const letters = slot === "log" ? "tkh" : "uuddotkhpcx12ai";
    const count = 1 + this.#numbers.below(3);
    const bytes = Array.from({ length: count }, () => letters[this.#numbers.below(letters.length)]).join("");
    // A logger that has been started only now has no handler for HUP, which ends it like the others.
    if (slot === "log" && !this.#mayEndLog(id, bytes.length)) return;
    if (slot === "service" && bytes.includes("x") && !this.#mayLeave(id)) return;
    if (slot === "service") this.#uncertain.add(id);
    if (this.#shown.has(id)) this.#calledBack.add(id);
    this.#acts.push({ kind: "command", id, slot, bytes });
  }

  #signalSupervisor(): void {
    const isRunsv = this.#kind.hasRunsv && this.#numbers.below(3) > 0;
    if (isRunsv) {
      const [id] = this.#choose(({ isHidden }) => !isHidden);
      if (this.#supervisors.get(id) === "stays") return;
      this.#supervisors.set(id, "mayDie");
      this.#uncertain.add(id);
      this.#acts.push({
        kind: "signalRunsv",
        id,
        signal: this.#numbers.of(["SIGKILL", "SIGKILL", "SIGSTOP"] as const),
      });
      return;
    }
    if (!this.#losesScanner) {
      this.#acts.push({ kind: "signalScanner", signal: this.#numbers.of(["SIGSTOP", "SIGALRM"] as const) });
      return;
    }
    // A log whose service was killed meanwhile has ended, and pauses. Killed again now, nobody would hold the pipe.
    if (this.#acts.some(({ kind }) => kind === "startScanner")) return;
    this.#acts.push({ kind: "signalScanner", signal: "SIGKILL" });
    if (this.#numbers.below(2) === 0) this.#acts.push({ kind: "wait", millis: this.#numbers.below(100) });
    this.#acts.push({ kind: "startScanner" });
    for (const id of this.#services.keys()) this.#uncertain.add(id);
  }

  #changeEntries(): void {
    if (this.#services.size < this.#kind.services && this.#numbers.below(2) === 0) return this.#add();
    const [id, service] = this.#choose(() => true);
    if (service.isHidden) return this.#numbers.below(2) === 0 ? this.#show(id, service) : this.#forget(id);
    // Without its entry, a killed runsv gets no successor that could end the service: runsvdir finds it by the entry.
    const visible = [...this.#services.values()].filter((one) => !one.isHidden).length;
    const mayHide = visible > 1 && this.#numbers.below(2) === 0;
    // A scanner that has not seen the entry come back does not tell its runsv once more to go. As with runit, that obeys the
    // last command.
    const mayGo = mayHide && !this.#calledBack.has(id);
    const isHidden = mayGo && (this.#losesScanner || this.#keepsSupervisor(id)) && this.#mayLeave(id);
    const plain = service.name.endsWith("b") ? service.name.slice(0, -1) : `${service.name}b`;
    this.#rename(id, service, isHidden ? `.${service.name}` : plain, isHidden);
  }

  #add(): void {
    const id = this.#nextId++;
    const name = `s${id}`;
    this.#services.set(id, { name, want: "up", isHidden: false });
    this.#acts.push({ kind: "add", id, name });
  }

  /** It stays hidden for ever. */
  #forget(id: number): void {
    // Some must stay to be disturbed.
    if (this.#services.size * 2 > this.#kind.services && !this.#acts.some((act) => "id" in act && act.id === id))
      this.#services.delete(id);
  }

  #show(id: number, service: Expected): void {
    this.#rename(id, service, service.name.slice(1), false);
    this.#uncertain.add(id);
    this.#leaving.add(id);
    this.#shown.add(id);
  }

  #rename(id: number, service: Expected, name: string, isHidden: boolean): void {
    this.#acts.push({ kind: "rename", id, from: service.name, to: name });
    this.#services.set(id, { ...service, name, isHidden });
  }

  /** Whether the supervisor of a service is not killed in this burst. From now on, it is not. */
  #keepsSupervisor(id: number): boolean {
    if (this.#losesScanner || this.#supervisors.get(id) === "mayDie") return false;
    this.#supervisors.set(id, "stays");
    return true;
  }

  /**
   * Whether a log may be ended so often. Of a service that leaves it is the only reader of its pipe, and is started once more
   * when it has left something.
   */
  #mayEndLog(id: number, times: number): boolean {
    const ends = (this.#logEnds.get(id) ?? 0) + times;
    if (!this.#keepsSupervisor(id) || (ends > 1 && this.#leaving.has(id))) return false;
    this.#logEnds.set(id, ends);
    return true;
  }

  /** Whether a service may leave. From now on, it may. */
  #mayLeave(id: number): boolean {
    if ((this.#logEnds.get(id) ?? 0) > 1) return false;
    this.#leaving.add(id);
    return true;
  }

  #choose(isMeant: (service: Expected) => boolean): readonly [number, Expected] {
    return this.#numbers.of([...this.#services].filter(([, service]) => isMeant(service)));
  }
}
