/* What a command has cost, and how long it has waited. No clock on the wall decides, so a busy machine changes nothing. */
import { readFileSync, rmSync } from "node:fs";
import { isErrno } from "./processes.ts";
import type { Result, StartOptions } from "./running-command.ts";
import type { TestRig } from "../core/test-rig.ts";

/**
 * Runs a command and writes to a file what it and its children have cost, by getrusage(2), whose number is the machine's.
 *
 * And for how long it and its descendants have waited: it looks at all threads from time to time. The time between two
 * looks counts if both found them all asleep, and they have used at most a tenth of it. What waits for a processor is not
 * asleep, and its waiting counts as use (schedstat).
 */
const measurer = String.raw`
use Time::HiRes "time";
my $WNOHANG = 1; my $file = shift; my $pid = fork // die;
if (!$pid) { exec @ARGV or die }
$SIG{CHLD} = sub {};
sub slurp { open my $in, "<", shift or return; local $/; scalar <$in> }
sub record { open my $out, ">", "$file.new"; print $out "@_"; close $out; rename "$file.new", $file }
sub look {
  my (%spent, @todo); push @todo, $pid;
  while (my $process = shift @todo) {
    opendir my $tasks, "/proc/$process/task" or return;
    for my $path (map { "/proc/$process/task/$_" } grep { /\d/ } readdir $tasks) {
      my ($stat, $times, $children) = map { slurp("$path/$_") // return } "stat", "schedstat", "children";
      return unless $stat =~ /.*\) [SZ]/s;
      my ($running, $runnable) = split " ", $times;
      $spent{$path} = ($running + $runnable) / 1e6;
      push @todo, split " ", $children;
    }
  }
  \%spent
}
sub used {
  my ($before, $after) = @_;
  return 9**9 unless $before && $after && keys %$before == keys %$after;
  my $sum = 0; for (keys %$after) { return 9**9 unless exists $before->{$_}; $sum += $after->{$_} - $before->{$_} }
  $sum
}
my ($waited, $before, $at) = (0, undef, time);
until (waitpid($pid, $WNOHANG) == $pid) {
  select undef, undef, undef, 0.2;
  my $look = look(); my $now = time;
  my $between = ($now - $at) * 1000;
  if (used($before, $look) <= $between / 10) { $waited += $between; record(0, 0, int $waited) }
  ($before, $at) = ($look, $now);
}
my $status = $?; my $buffer = "\0" x 144;
syscall(${"`uname -m`"} =~ /x86_64/ ? 98 : 165, -1, $buffer);
my @fields = unpack "q5", $buffer;
record($fields[4], int(($fields[0] + $fields[2]) * 1000 + ($fields[1] + $fields[3]) / 1000), int $waited);
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

/** A command that is being measured. */
export interface Measuring {
  /** See {@link Measured.waited}, until now. */
  readonly waited: () => number;
  readonly result: Promise<Measured>;
}

let runs = 0;

/** Runs a command to its end. */
export async function measured(
  rig: TestRig,
  command: string,
  operands: readonly string[],
  options: StartOptions = {},
): Promise<Measured> {
  return await startMeasured(rig, command, operands, options).result;
}

export function startMeasured(
  rig: TestRig,
  command: string,
  operands: readonly string[],
  options: StartOptions = {},
): Measuring {
  const file = rig.path(`.rig/cost-${(runs += 1)}`);
  const under = ["perl", "-e", measurer, file, ...(options.under ?? [])];
  const read = (): readonly number[] => rig.read(file).split(" ").map(Number);
  const finish = async (): Promise<Measured> => {
    const result = await rig.run(command, operands, { ...options, under });
    const [memory = Number.NaN, processor = Number.NaN, waited = Number.NaN] = read();
    rmSync(file, { force: true });
    return { ...result, memory, processor, waited };
  };
  return { waited: () => read()[2] ?? 0, result: finish() };
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
