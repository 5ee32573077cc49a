/*
 * Story 003: a store, an API server that needs it, and services that need the API server. They start in this order
 * because each one is ready, not because of a sleep, and stop in the reverse order. Beside them are sshd, and an
 * application that is tried once and kept for inspection when it fails.
 */
import { expect } from "vitest";
import { smallServer } from "../rig/scripted/small-server.ts";
import { inPodman, type Story } from "../rig/container/story.ts";

const workers = ["controller-manager", "scheduler", "kubelet"] as const;
const store = "http://127.0.0.1:2379";

const begins = (name: string): string => `echo "${name}" >>/etc/story/begins`;
const ends = (name: string): string => `echo "${name}" >>/etc/story/ends`;

function layOut(story: Story): void {
  story
    .script(
      "etcd/run",
      begins("etcd"),
      "exec chpst -u etcd etcd --data-dir /var/lib/etcd/story --logger zap --log-level error \\",
      `  --listen-client-urls ${store} --advertise-client-urls ${store} --listen-peer-urls http://127.0.0.1:2380`,
    )
    .script("etcd/check", `ETCDCTL_API=3 exec etcdctl --endpoints ${store} endpoint health`)
    .script("etcd/finish", ends("etcd"));
  story
    .script(
      "apiserver/run",
      begins("apiserver"),
      // There is no second try: the store must be there.
      `ETCDCTL_API=3 etcdctl --endpoints ${store} --dial-timeout=60s --command-timeout=60s put /registry/api ready || exit`,
      "exec perl server.pl 8080 'the API'",
    )
    .file("apiserver/server.pl", smallServer)
    .script("apiserver/finish", ends("apiserver"))
    .file("apiserver/notification-fd", "3\n")
    .file("apiserver/dependencies.d/etcd");
  for (const name of workers) {
    story
      .script(`${name}/run`, begins(name), "bash -c ': </dev/tcp/127.0.0.1/8080' || exit", "exec sleep 1000")
      .script(`${name}/finish`, ends(name))
      .file(`${name}/dependencies.d/apiserver`);
  }
  story
    .script(
      "application/run",
      "exec chpst -u www-data sh -c '",
      '  echo "runs as $(id -un)"; echo "BeanCreationException: no data source"; exit 17',
      "'",
    )
    .file("application/restart", "never\n");
  story.script(
    "sshd/run",
    "mkdir -p /run/sshd",
    "ssh-keygen -A || exit",
    "exec /usr/sbin/sshd -D -e -o ListenAddress=127.0.0.1",
  );
}

inPodman(
  "story 003: started in order by readiness, stopped in reverse, and what has failed is kept for inspection",
  async (story, rig) => {
    layOut(story);
    await story.start();
    for (const name of ["etcd", "apiserver", ...workers]) await story.state(name, { ready: true, starts: 1 });
    await rig.until("all to have begun", () => story.recorded("begins").length >= 5);
    expect(story.recorded("begins").slice(0, 2)).toEqual(["etcd", "apiserver"]);
    expect(story.recorded("begins").slice(2).toSorted()).toEqual([...workers].toSorted());
    await story.answers(8080, "the API\n");

    await story.state("application", { state: "down", want: "down", starts: 1 });
    const { stdout } = await story.exec("sv", "status", "--json", "application");
    expect(JSON.parse(stdout)).toMatchObject([
      { state: "down", lastExit: { code: 17, signal: null }, failed: { reason: "restart", text: "./run exited 17" } },
    ]);
    expect((await story.exec("sv", "status", "application")).stdout).toMatch(
      /^down: application: \d+s, normally up, failed: \.\/run exited 17\n$/,
    );
    const health = await story.exec("sv", "-w", "90", "health");
    expect(health.code).toBe(1);
    expect(health.stdout).toMatch(/^fail: down: application: \d+s, normally up, failed: \.\/run exited 17$/m);
    expect((await story.exec("sv", "-w", "90", "health", "apiserver", ...workers)).code).toBe(0);
    expect((await story.said()).out).toEqual(
      expect.arrayContaining(["runs as www-data", "BeanCreationException: no data source"]),
    );
    expect(await story.sh("ps -o user= -p $(cat /etc/service/etcd/supervise/pid)")).toBe("etcd\n");
    await rig.until("a greeting of sshd", async () => (await story.ask(22, "", 8)) === "SSH-2.0-");

    expect(await story.stop()).toBe(0);
    const order = story.recorded("ends");
    expect(order.slice(0, 3).toSorted()).toEqual([...workers].toSorted());
    expect(order.slice(3)).toEqual(["apiserver", "etcd"]);
    const { err } = await story.said();
    expect(err.filter((line) => /^(?:runsv|runsvdir) /.test(line))).toEqual([
      "runsv application: warning: giving up: ./run exited 17",
    ]);
  },
);
