/* What a command has cost, by getrusage(2): no clock on the wall counts, so a busy machine changes nothing. */
import { rmSync } from "node:fs";
import type { Result, StartOptions } from "./running-command.ts";
import type { TestRig } from "../core/test-rig.ts";

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
  const result = await rig.run(command, operands, { ...options, under });
  const [memory = Number.NaN, processor = Number.NaN] = rig.read(file).split(" ").map(Number);
  rmSync(file, { force: true });
  return { ...result, memory, processor };
}
