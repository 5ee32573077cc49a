/* What a command has cost, by getrusage(2), and how long it has waited: see waited.ts. A busy machine changes neither. */
import { readFileSync, rmSync } from "node:fs";
import { isErrno } from "./processes.ts";
import type { Result, StartOptions } from "./running-command.ts";
import type { TestRig } from "../core/test-rig.ts";
import { watchWaiting } from "./waited.ts";

/** Runs a command and writes to a file what it and its children have cost. The number of the system call is the machine's. */
const measurer = `
my $file = shift; my $buffer = "\\0" x 144; my $pid = fork // die;
if (!$pid) { exec @ARGV or die }
waitpid $pid, 0; my $status = $?;
syscall(\`uname -m\` =~ /x86_64/ ? 98 : 165, -1, $buffer);
my @fields = unpack "q5", $buffer;
open my $out, ">", $file; print $out "$fields[4] ", int(($fields[0] + $fields[2]) * 1000 + ($fields[1] + $fields[3]) / 1000); close $out;
kill $status & 127, $$ if $status & 127; exit $status >> 8`;

/** How a command ended, and what it has cost. */
export interface Measured extends Result {
  /** The most memory that it held, in kB. */
  readonly memory: number;
  /** Time of the processor, in ms. */
  readonly processor: number;
  /** Time in which neither it nor a descendant worked or wanted to, in ms. */
  readonly waited: number;
}

let runs = 0;

/** Runs a command to its end. */
export async function measured(
  rig: TestRig,
  command: string,
  operands: readonly string[],
  options: StartOptions = {},
): Promise<Measured> {
  const file = rig.path(`.rig/cost-${(runs += 1)}`);
  const under = ["perl", "-e", measurer, file, ...(options.under ?? [])];
  const started = rig.start(command, operands, { ...options, under });
  const waiting = watchWaiting(started.pid);
  const result = await rig.result(started).finally(() => void waiting.stop());
  const waited = waiting.stop();
  const [memory = Number.NaN, processor = Number.NaN] = rig.read(file).split(" ").map(Number);
  rmSync(file, { force: true });
  return { ...result, memory, processor, waited };
}

/** What a living process has cost: the most memory in kB, time of the processor in ms, and whether it handles TERM yet. */
export function costSoFar(pid: number): {
  readonly memory: number;
  readonly processor: number;
  readonly isCatching: boolean;
} {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [user = "", system = ""] = stat
      .slice(stat.lastIndexOf(") ") + 2)
      .split(" ")
      .slice(11, 13);
    const caught = BigInt(`0x${/^SigCgt:\s*(\S+)/m.exec(status)?.[1] ?? "0"}`);
    return {
      memory: Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1]),
      processor: (Number(user) + Number(system)) * 10,
      isCatching: (caught & (1n << 14n)) !== 0n,
    };
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ESRCH")) return { memory: 0, processor: 0, isCatching: false };
    throw error;
  }
}
