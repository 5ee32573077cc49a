/* A program that chpst has become finds all that it finds below runit's chpst, and nothing of a runtime. */
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { node, ourSuites, stock, type Suite } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { ignoring, limit } from "../rig/process/under.ts";

/** Prints everything that execve(2) hands over, except what always differs: pids, times, memory. */
const report = String.raw`
  sub text { my $file = shift; open(my $handle, "<", $file) or return "$!\n"; local $/; <$handle> }
  sub bytes { my $text = shift; $text =~ s/([^ -~])/sprintf "\\x%02x", ord $1/ge; $text }
  sub relative { $_[0] == $$ ? "own" : $_[0] == getppid ? "parent" : $_[0] == 0 ? "none" : "other" }
  my $self = "/proc/$$";
  my @stat = split / /, (text("$self/stat") =~ /.*\) (.*)/)[0];
  print "group ", relative($stat[2]), ", session ", relative($stat[3]), ", terminal $stat[4]\n";
  print "stat $_ $stat[$_]\n" for 15 .. 18, 22, 28 .. 31, 35, 37, 38;
  print grep { !/^(?:Pid|Tgid|Ngid|PPid|NS\w+|Vm\w+|Rss\w+|HugetlbPages|FDSize|SigQ|\w*ctxt_switches|State)\b/ }
    map { "$_\n" } split /\n/, text("$self/status");
  print text("$self/limits");
  for my $fd (sort { $a <=> $b } grep { /\d/ } map { s/.*\///r } glob("$self/fd/*")) {
    my $target = readlink("$self/fd/$fd") // next;
    print "fd $fd $target ", text("$self/fdinfo/$fd") =~ /flags:\s*(\d+)/, "\n";
  }
  print "$_ ", bytes(text("$self/$_")), "\n"
    for qw(cmdline environ oom_score_adj personality timerslack_ns coredump_filter comm loginuid cgroup timers);
  print "$_ ", readlink("$self/$_"), "\n" for qw(cwd root exe);
  print "umask ", umask, "\n";
`;

interface Situation {
  readonly words?: readonly string[];
  readonly under: readonly string[];
}

/** What the program below a suite's chpst reports. */
async function found(rig: TestRig, suite: Suite, { words = [], under }: Situation): Promise<readonly string[]> {
  const command = [suite.command("chpst"), ...words, "perl", "-e", report, "x", "y z"];
  const { stdout, stderr } = await rig.run("env", command, { under });
  expect(stderr).toBe("");
  return stdout
    .replaceAll(/:\[\d+\]/g, ":[N]")
    .replaceAll(/command-\d+/g, "command-N")
    .split("\n");
}

function sameAsStock(title: string, situation: Situation, suites: readonly Suite[] = ourSuites): void {
  rigTest(
    `a program finds the same as below runit's chpst: ${title}`,
    suites,
    async (rig) => {
      const expected = await found(rig, stock, situation);
      expect(expected.length).toBeGreaterThan(60);
      expect(await found(rig, rig.suite, situation)).toEqual(expected);
    },
    { needs: program("chpst", "runit") },
  );
}

/** Words for perl: the code before them executes the rest. */
const perl = (...statements: readonly string[]): readonly string[] => [
  "perl",
  "-e",
  [...statements, "exec @ARGV or die"].join("; "),
];
const keep = (handle: string): string => `fcntl(${handle}, 2, 0)`;
const onlyStandard = "use POSIX; POSIX::close($_) for 3 .. 255";

sameAsStock("in plain circumstances", { under: perl(onlyStandard) });

// To get a program on the soft limit, its parent must have that limit too: the runtimes lose their own.
sameAsStock("a soft limit of open files, other limits, umask and nice level", {
  under: [
    "sh",
    "-c",
    'ulimit -Sn 256; ulimit -Ss 4096; ulimit -Hs 65536; ulimit -c 7; umask 027; nice -n 3 "$@"; true',
    "sh",
  ],
});

sameAsStock("both halves of the limit of open files", { under: limit("-n 500") });

sameAsStock("descriptors of all kinds, low and high, and both ends of a pipe", {
  under: perl(
    onlyStandard,
    "pipe(R, W)",
    "use Socket; socketpair(A, B, AF_UNIX, SOCK_STREAM, 0)",
    ...["R", "W", "A", "B"].map(keep),
    'open(F, "<", "/etc/passwd")',
    "POSIX::dup2(fileno(F), $_) for 9, 12, 40, 100",
    "close(F)",
  ),
});

sameAsStock("a pipe that is not blocking as standard input and output", {
  under: [
    ...perl(
      onlyStandard,
      "use Fcntl; pipe(R, W)",
      "fcntl(R, F_SETFL, O_NONBLOCK); fcntl(W, F_SETFL, O_NONBLOCK)",
      "POSIX::dup2(fileno(R), 0)",
      "POSIX::dup2(fileno(W), 7)",
      "close(R); close(W)",
    ),
  ],
});

sameAsStock("as another user, in a session of its own, with a nice level and limits", {
  words: [
    "-u",
    "nobody:daemon:www-data",
    "-P",
    "-n",
    "4",
    "-o",
    "77",
    "-m",
    "300000000",
    "-t",
    "900",
    "-p",
    "4000",
    "-b",
    "other",
  ],
  under: perl(onlyStandard),
});

const exact = ourSuites.filter((suite) => suite !== node);

// At its start Node gives all signals their default action and empties the mask.
sameAsStock(
  "signals ignored and blocked",
  {
    under: [
      ...ignoring("HUP", "INT", "USR1", "TERM"),
      ...perl("use POSIX; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM, SIGUSR2, SIGCHLD, SIGRTMIN + 3))"),
    ],
  },
  exact,
);

sameAsStock(
  "closed standard descriptors",
  {
    under: ["sh", "-c", 'exec "$@" <&- 2>&-', "sh"],
  },
  exact,
);

rigTest("bytes that are not UTF-8 reach the program as they came", ourSuites, async (rig) => {
  const odd = String.raw`"\xff\xfe", "", "\xc3", "a\nb", "\xe2\x82"`;
  const show = String.raw`print join("|", map { unpack "H*", $_ } @ARGV, $ENV{ODD}, $ENV{"\xe4"}), "\n"`;
  const words = `exec @ARGV, ${odd}`;
  const under = ["perl", "-e", String.raw`$ENV{ODD} = "\x80\x81"; $ENV{"\xe4"} = "\xf6"; ${words}`];
  for (const chpst of [["-v"], ["-b", "x"], ["-e", "."]]) {
    const { stdout, stderr } = await rig.run("chpst", [...chpst, "perl", "-e", show], { under });
    expect([stdout, stderr]).toEqual(["fffe||c3|610a62|e282|8081|f6\n", ""]);
  }
});

rigTest("the runtimes' own variables pass, and nothing is added to them", ourSuites, async (rig) => {
  const env = { NODE_NO_WARNINGS: "1", BUN_JSC_useJIT: "1", MIMALLOC_PURGE_DELAY: "5", EMPTY: "" };
  const expected = Object.entries({ ...rig.environment, ...env }).map(([name, value]) => `${name}=${value}`);
  const { stdout } = await rig.run("chpst", ["env", "-0"], { env });
  expect(
    stdout
      .split("\0")
      .filter((entry) => entry !== "")
      .toSorted(),
  ).toEqual(expected.toSorted());
});
