/*
 * The same Procfiles under foreman and under `upkeep run`: the same processes with the same variables are told
 * to stop in the same way, and leave the same exit code.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** What each process has written into its file, by name, and the exit code of the whole. */
interface Seen {
  readonly files: Readonly<Record<string, string>>;
  readonly code: number | undefined;
}

interface Scenario {
  readonly title: string;
  readonly procfile: readonly string[];
  readonly variables?: string;
  /** Options of both. */
  readonly words?: readonly string[];
  /** The time that processes have to stop, in seconds. */
  readonly timeout?: string;
  /** How many processes say that they are up. */
  readonly ups: number;
  /** Whether both get TERM then. Otherwise a file `up` appears in the directory. */
  readonly isStopped: boolean;
}

/** Each process writes into a file of its own: foreman may lose the last lines of a process. */
const file = '>>"$PS.log"';
const tell = `echo "$PS $PORT $(pwd -P | sed 's,.*/,,')" ${file}`;
/** Says `up` when it can be told to stop. */
const until = (told: string): string =>
  `exec perl -e '$| = 1; $SIG{TERM} = sub { ${told} }; print qq(up\\n); sleep 100 while 1'`;
const write = `open my $f, q(>>), qq($ENV{PS}.log); print $f qq(told\\n); close $f`;
const patient = until(`${write}; exit`);
const stubborn = until(write);

const scenarios: readonly Scenario[] = [
  {
    title: "names, ports and directory",
    procfile: [`web: ${tell}; ${patient}`, "# a comment", `worker: ${tell}; ${patient}`],
    // A type that is not named is left out by foreman, and run once by us, as by overmind and honcho.
    words: ["-m", "all=1,web=2"],
    ups: 3,
    isStopped: true,
  },
  {
    title: "another first port, and a type that is left out",
    procfile: [`web: ${tell}; ${patient}`, `css: ${tell}`, `worker: ${tell}; ${patient}`],
    words: ["-p", "7000", "-m", "all=1,css=0"],
    ups: 2,
    isStopped: true,
  },
  {
    title: "variables with quotes and blanks",
    procfile: [`web: echo "[$PLAIN] [$DOUBLE] [$SINGLE] [$EMPTY]" ${file}; ${patient}`],
    variables: `PLAIN=one\nDOUBLE="two words"\nSINGLE='three of them'\nEMPTY=\n`,
    ups: 1,
    isStopped: true,
  },
  {
    title: "a process that ends with a code ends all",
    procfile: [`web: ${patient}`, "job: until [ -e up ]; do sleep 0.1; done; exit 7"],
    ups: 1,
    isStopped: false,
  },
  {
    title: "a process that is done ends all",
    procfile: [`web: ${patient}`, "job: until [ -e up ]; do sleep 0.1; done"],
    ups: 1,
    isStopped: false,
  },
  {
    title: "a process that ignores TERM is killed",
    procfile: [`web: ${stubborn}`, "job: until [ -e up ]; do sleep 0.1; done; exit 7"],
    timeout: "1",
    ups: 1,
    isStopped: false,
  },
];

async function see(rig: TestRig, scenario: Scenario, isForeman: boolean): Promise<Seen> {
  const directory = rig.path(isForeman ? "foreman" : "ours", "project");
  mkdirSync(directory, { recursive: true });
  mkdirSync(rig.path("state"), { recursive: true });
  writeFileSync(join(directory, "Procfile"), `${scenario.procfile.join("\n")}\n`);
  writeFileSync(join(directory, ".env"), scenario.variables ?? "");
  const { words = [], timeout = "5", ups, isStopped } = scenario;
  const env = { SVDIR: undefined, PORT: undefined, UPKEEP_RUNDIR: rig.path("state") };
  const command = isForeman
    ? rig.start("foreman", ["start", "-t", timeout, ...words], { cwd: directory, env })
    : rig.start("upkeep-run", ["--timeout", timeout, ...words], { cwd: directory, env });
  await rig.until("processes that are up", () => command.stdout().split("| up\n").length > ups);
  if (isStopped) process.kill(command.pid, "SIGTERM");
  else writeFileSync(join(directory, "up"), "");
  const { code } = await rig.result(command);
  const names = readdirSync(directory).filter((name) => name.endsWith(".log"));
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name), "utf8")]));
  expect(Object.keys(files).length).toBeGreaterThan(0);
  return { files, code };
}

for (const scenario of scenarios) {
  rigTest(
    `${scenario.title}: as under foreman`,
    [standalone],
    async (rig) => {
      const [theirs, ours] = await Promise.all([see(rig, scenario, true), see(rig, scenario, false)]);
      expect(ours).toEqual(theirs);
    },
    { needs: program("foreman", "ruby-foreman") },
  );
}
