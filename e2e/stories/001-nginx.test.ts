/*
 * Story 001: nginx with its workers, a one-time job that must be done before it, and a periodic one beside it. When the
 * master is killed, its workers hold the port, and the next nginx can start all the same.
 */
import { expect } from "vitest";
import { listensOn } from "../rig/scripted/small-server.ts";
import { inPodman, type Story } from "../rig/container/story.ts";

const configuration = `worker_processes 4;
error_log /dev/stderr notice;
pid /run/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  server {
    listen 8080;
    # What the jobs make, and nginx does not start without.
    include /etc/story/certificate.conf;
    location / { return 200 "certificate $certificate\\n"; }
  }
}
`;

const ask = (number: number): string => `echo 'set $certificate ${number};' >/etc/story/certificate.conf`;
const leaving = (name: string): string => `echo "${name} $1 $2" >>/etc/story/ends`;

function layOut(story: Story): void {
  story
    .script(
      "certificate/run",
      "if [ ! -e /etc/story/asked ]; then",
      "  : >/etc/story/asked; echo 'unable to reach the authority'; exit 1",
      "fi",
      ask(1),
    )
    .file("certificate/restart", "on-failure\n")
    .file("certificate/restart-delay", "100\n");
  story
    .script("nginx/run", 'exec nginx -e /dev/stderr -c "$PWD/nginx.conf" -g "daemon off;"')
    .file("nginx/nginx.conf", configuration)
    .script("nginx/check", listensOn(8080))
    .script("nginx/finish", leaving("nginx"))
    .file("nginx/dependencies.d/certificate")
    .file("nginx/down-signal", "QUIT\n");
  story
    .script(
      "renewal/run",
      "if [ -e /etc/story/due ]; then",
      `  ${ask(2)}`,
      "  rm /etc/story/due && sv hup nginx && echo 'certificate renewed'",
      "fi",
      'exec sleep "$RENEWAL_INTERVAL"',
    )
    .script("renewal/finish", leaving("renewal"))
    .file("renewal/dependencies.d/nginx");
}

inPodman(
  "story 001: nginx is back on its port after the KILL of its master, and podman stop is orderly",
  async (story, rig) => {
    layOut(story);
    await story.start({ env: { RENEWAL_INTERVAL: "1" } });
    const { pid } = await story.state("nginx", { ready: true, starts: 1 });
    expect(story.stateNow("certificate")).toMatchObject({ starts: 2, state: "down", satisfied: true, failed: null });
    await story.answers(8080, "certificate 1\n");
    story.record("due");
    await story.answers(8080, "certificate 2\n");

    // One of the four is stopped, and does not answer signals.
    const killed = await story.sh(
      `until [ "$(ps -o args= --ppid ${String(pid)} | grep -c "nginx: worker process$")" = 4 ]; do sleep 0.1; done`,
      `set -- $(ps -o pid= --ppid ${String(pid)}); echo "$*"`,
      `kill -STOP "$1"; kill -KILL ${String(pid)}`,
    );
    await story.state("nginx", { ready: true, starts: 2 });
    await story.answers(8080, "certificate 2\n");
    const old = killed.trim().replaceAll(" ", ",");
    await rig.until(
      "the old ones to be gone",
      async () => (await story.exec("ps", "-o", "pid=", "-p", old)).stdout === "",
    );

    const begin = performance.now();
    expect(await story.stop()).toBe(0);
    rig.note(`podman stop: ${Math.round(performance.now() - begin)} ms`);
    const ends = story.recorded("ends");
    expect(ends.filter((line) => line.startsWith("nginx"))).toEqual(["nginx -1 9", "nginx 0 0"]);
    expect(ends.at(-2)).toMatch(/^renewal /);
    expect(ends.at(-1)).toBe("nginx 0 0");
    const { err } = await story.said();
    expect(err.some((line) => line.includes("gracefully shutting down"))).toBe(true);
    expect(err.filter((line) => /\[emerg\]|already in use|^runsv/.test(line))).toEqual([]);
  },
);
