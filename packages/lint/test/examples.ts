/** A service directory: file names with contents. A content that begins with `MODE ` has other permissions than usual. */
export type Example = Readonly<Record<string, string>>;

/** For each rule what it finds, and what is right. Other services of the same scan directory follow by name. */
export interface Pair {
  readonly bad: Example;
  readonly good: Example;
  /** Services beside it; a name in `good` or `bad` is never among them. */
  readonly beside?: Readonly<Record<string, Example>>;
  readonly isReadOnly?: boolean;
}

const run = "#!/bin/sh\nexec 2>&1\nexec my-daemon --foreground\n";

export const examples: Readonly<Record<string, Pair>> = {
  "run-missing": { bad: { finish: "#!/bin/sh\n:\n" }, good: { run } },
  "not-executable": {
    bad: { run, finish: "0644 #!/bin/sh\nrm -f lock\n" },
    good: { run, finish: "#!/bin/sh\nrm -f lock\n" },
  },
  crlf: {
    bad: { run: "#!/bin/sh\r\nexec my-daemon\r\n" },
    good: { run: "#!/bin/sh\nprintf 'a\\r\\n'\nexec my-daemon\n" },
  },
  "interpreter-none": { bad: { run: "exec my-daemon\n" }, good: { run } },
  "interpreter-missing": {
    bad: { run: "#!/opt/none/python\nmain()\n" },
    good: { run: "#!/usr/bin/env python3\nmain()\n" },
  },
  "no-exec": {
    bad: { run: "#!/bin/sh\n# with a comment\nexec 2>&1\nmy-daemon \\\n  --foreground # last\n\n" },
    good: { run: "#!/bin/sh\nif [ -e x ]; then\n  exec one\nfi\n! type two || exec two\nexit 1\n" },
  },
  background: {
    bad: { run: "#!/bin/sh\nmy-daemon --foreground &\n" },
    good: { run: "#!/bin/sh\nmy-daemon --foreground 2>&1 &\npid=$!\ntrap 'kill $pid' TERM\nwait $pid\n" },
  },
  daemonizes: {
    bad: { run: "#!/bin/sh\nexec chpst -u web -o 1024 nginx -p /srv\n" },
    good: { run: `#!/bin/sh\nexec chpst -u web env A=1 nginx -g "daemon off;"\n` },
  },
  "unknown-name": {
    bad: { run, "notification-fs": "3\n" },
    good: { run, "notification-fd": "3\n", data: "", "run.old": "" },
  },
  "bad-value": { bad: { run, "timeout-kill": "5s\n" }, good: { run, "timeout-kill": " 5000\n" } },
  "critical-without-limit": {
    bad: { run, "flag-critical": "" },
    good: { run, "flag-critical": "", "restart-limit": "5 60" },
  },
  "log-in-image": {
    bad: { run, "log/run": "#!/bin/sh\nexec svlogd -tt ./main\n" },
    good: { run, "log/run": "#!/bin/sh\nexec svlogd -tt /var/log/web\n" },
    isReadOnly: true,
  },
  "dependency-unknown": {
    bad: { run, "dependencies.d/dbb": "" },
    good: { run, "dependencies.d/db": "" },
    beside: { db: { run } },
  },
  "dependency-cycle": {
    bad: { run, "dependencies.d/db": "" },
    good: { run, "dependencies.d/cache": "" },
    beside: { db: { run, "dependencies.d/web": "" }, cache: { run } },
  },
  "job-without-restart": {
    bad: { run: "#!/bin/sh\nmkdir -p /run/app\n" },
    good: { run: "#!/bin/sh\nmkdir -p /run/app\n", restart: "on-failure\n" },
    beside: { app: { run, "dependencies.d/web": "" } },
  },
  "finish-hangs": {
    bad: { run, finish: "#!/bin/sh\nsv restart web\n" },
    good: { run, finish: "#!/bin/sh\nsv restart db\nsleep 5\n" },
  },
  "down-left": {
    bad: { run, finish: "#!/bin/sh\n[ $1 = 0 ] || touch down\n", down: "" },
    good: { run, down: "" },
  },
  "unknown-user": {
    bad: { run: "#!/bin/sh\nexec chpst -u webb:adm my-daemon\n" },
    good: { run: `#!/bin/sh\nexec chpst -u :1:2 setuidgid web env chpst -u "$USER" my-daemon\n` },
  },
  "writable-by-others": { bad: { run: `0777 ${run}` }, good: { run: `0775 ${run}` } },
  "name-unfit": { bad: { run }, good: { run } },
  "leads-nowhere": { bad: { run, finish: "nothing" }, good: { run } },
};
