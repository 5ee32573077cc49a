import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A service of the pictures: its files, by their paths. Those that end in `run` are scripts for perl. */
type Files = Readonly<Record<string, string>>;

/** Is busy and takes memory a little, as daemons do; `$0` is what the list of processes shows. */
function daemon(title: string, { megabytes = 8, work = 20, workers = 0, prints = "" } = {}): string {
  return `$| = 1;
$0 = "${title}";
my $ballast = "x" x ${megabytes * 1024 * 1024};
if (open(my $ready, ">&=", 3)) { print $ready "\\n"; close $ready }
for my $n (1 .. ${workers}) {
  next if fork;
  $0 = "${title.replace(/:.*/, "")}: worker process";
  last;
}
my $line = 0;
while (1) {
  for (my $i = 0; $i < ${work} * 1000 * (1 + sin(time / 9) + rand 2); $i++) {}
  $line++;
  ${prints}
  select undef, undef, undef, 0.3;
}`;
}

const log = { "log/run": 'mkdir "main"; exec "svlogd", "-tt", "main";' };
const ready = { "notification-fd": "3" };

const requests = `if ($0 !~ /worker/) {
    my $code = $line % 11 == 7 ? "\\e[31m502\\e[0m" : $line % 5 == 3 ? "\\e[33m304\\e[0m" : "\\e[32m200\\e[0m";
    printf "GET /v1/items/%d?page=%d HTTP/1.1 %s %d ms\\n", 4700 + $line, $line % 9, $code, 3 + rand 40;
    print "\\e[1;31merror\\e[0m upstream timed out: connect to 10.0.0.12:8080 after 30001 ms\\n" if $line % 11 == 7;
    print "\\e[36mcache\\e[0m refreshed 1284 keys in 41 ms\\n" if $line % 13 == 0;
  }`;

/** What the pictures of the page show: most are well, and some need a look. */
const pageServices: Readonly<Record<string, Files>> = {
  api: {
    run: daemon("api: listening on 8080", { megabytes: 42, work: 90, workers: 2, prints: requests }),
    "dependencies.d/db": "",
    "dependencies.d/cache": "",
    "restart-delay": "1000 30000 2",
    "timeout-kill": "10000",
    "flag-critical": "",
    ...ready,
    ...log,
  },
  cache: { run: daemon("redis-server 127.0.0.1:6379", { megabytes: 18, work: 15 }), ...ready },
  db: { run: daemon("postgres: checkpointer", { megabytes: 64, work: 40, workers: 3 }), ...ready },
  indexer: { run: daemon("indexer"), "dependencies.d/search": "" },
  mail: {
    run: 'print STDERR "mail: /etc/mail.conf: line 12: unknown option: relay\\n"; exit 3;',
    "restart-limit": "3 60",
    "restart-delay": "200",
  },
  metrics: { run: daemon("prometheus --config.file=prometheus.yml", { megabytes: 30, work: 25 }) },
  proxy: {
    run: daemon("nginx: master process", { megabytes: 5, work: 10, workers: 3 }),
    "dependencies.d/api": "",
    ...ready,
  },
  queue: { run: daemon("rabbitmq-server", { megabytes: 26, work: 30 }), "dependencies.d/db": "" },
  report: { run: "select undef, undef, undef, 2; exit 0;", restart: "on-failure" },
  scheduler: { run: daemon("crond -f"), down: "" },
  search: {
    run: 'select undef, undef, undef, 0.8; print STDERR "search: index is locked\\n"; exit 3;',
    "notification-fd": "3",
    "restart-delay": "9000",
  },
  worker: { run: daemon("worker: queue default", { megabytes: 22, work: 120 }), "dependencies.d/queue": "" },
};

/** Makes them in a scan directory. */
export async function makePageServices(scan: string): Promise<void> {
  for (const [name, files] of Object.entries(pageServices)) {
    for (const [file, text] of Object.entries(files)) {
      const path = join(scan, name, file);
      await mkdir(dirname(path), { recursive: true });
      const isScript = file.endsWith("run");
      await writeFile(path, isScript ? `#!/usr/bin/perl\n${text}\n` : `${text}\n`);
      if (isScript) await chmod(path, 0o755);
    }
  }
}
