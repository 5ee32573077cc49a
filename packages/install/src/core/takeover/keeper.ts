// Who starts runit's runsvdir again when it has ended. Unless that is certain it stays: without a runsvdir nothing would
// start a runsv again that ends, and some parents take its end for the end of everything.

/** The unit of systemd that a process is in. */
export interface Unit {
  readonly name: string;
  /** The values of `systemctl show`. */
  readonly mainPid: number;
  readonly restart: string;
  readonly killMode: string;
}

/** What is to be known of a runsvdir. */
export interface KeeperFacts {
  readonly pid: number;
  readonly parent: number;
  /** What the kernel calls process 1. */
  readonly processOne: string;
  /** Null where it is in none, or systemd is not process 1. */
  readonly unit: Unit | null;
  /** The text of /etc/inittab; null if there is none. */
  readonly inittab: string | null;
  /** Whether its PATH leads to the runsvdir of this suite. */
  readonly findsOurs: boolean;
}

/** `stays`: why. */
export type Keeper = { readonly kind: "restarts" } | { readonly kind: "stays"; readonly why: string };

/** Judges what becomes of a runsvdir that gets TERM. */
export function keeperOf({ pid, parent, processOne, unit, inittab, findsOurs }: KeeperFacts): Keeper {
  if (pid === 1) return stays("it is process 1");
  if (!findsOurs) return stays("its PATH leads to another runsvdir than ours");
  if (parent === 1 && unit !== null) return keeperOfUnit(pid, unit);
  if (parent === 1 && processOne === "runit") return stays("process 1 would take its end for the end of stage 2");
  const isInit = processOne === "init" || processOne === "busybox";
  if (parent === 1 && isInit && isRespawned(inittab ?? "")) return { kind: "restarts" };
  return stays("nothing shows that it would be started again");
}

function stays(why: string): Keeper {
  return { kind: "stays", why };
}

function keeperOfUnit(pid: number, { name, mainPid, restart, killMode }: Unit): Keeper {
  if (mainPid !== pid) return stays(`it is not the main process of ${name}`);
  if (killMode !== "process" && killMode !== "none") {
    return stays(`systemd would end its services with it: ${name} has KillMode=${killMode}`);
  }
  // Runit's runsvdir exits 0 on TERM.
  if (restart !== "always" && restart !== "on-success") return stays(`${name} has Restart=${restart}`);
  return { kind: "restarts" };
}

/** Whether init(8) respawns runsvdir, or Debian's script that becomes it. */
function isRespawned(inittab: string): boolean {
  return inittab.split("\n").some((line) => /^[^#:]*:[^:]*:respawn:.*(?:\brunsvdir\b|\/etc\/runit\/2\b)/.test(line));
}

/** The unit that a process is in, by the text of its /proc/PID/cgroup; null where it is in no service. */
export function unitOf(cgroups: string): string | null {
  const [, path = ""] = /^(?:0:|\d+:name=systemd):(.*)$/m.exec(cgroups) ?? [];
  return (
    path
      .split("/")
      .toReversed()
      .find((part) => part.endsWith(".service")) ?? null
  );
}

/** What `systemctl show` has printed of a unit. */
export function decodeUnit(name: string, text: string): Unit {
  const valueOf = (key: string): string => new RegExp(`^${key}=(.*)$`, "m").exec(text)?.[1] ?? "";
  return { name, mainPid: Number(valueOf("MainPID")), restart: valueOf("Restart"), killMode: valueOf("KillMode") };
}
