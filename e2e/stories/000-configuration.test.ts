/*
 * Story 000: an application, a watcher like confd that writes its configuration and restarts it, and a publisher that
 * tells the world where it is. All their lines are in the container's log, each with its name, and nothing else. When
 * there is nothing left to publish, the container ends.
 */
import { expect } from "vitest";
import { freePort } from "../rig/process/ports.ts";
import { listensOn, smallServer } from "../rig/scripted/small-server.ts";
import { inNamespace, inPodman, type Story } from "../rig/container/story.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

function layOut(story: Story): void {
  story
    .script("app/run", ". /etc/story/app.conf", 'exec perl server.pl "$port" "$text"')
    .file("app/server.pl", smallServer)
    .script("app/check", ". /etc/story/app.conf", listensOn("$port"))
    .file("app/dependencies.d/confd")
    .file("app/restart-delay", "100\n")
    .file("app/restart-limit", "1 60\n");
  story
    .script(
      "confd/run",
      "cd /etc/story",
      "while :; do",
      "  if ! cmp -s source app.conf; then",
      "    cp source app.conf.new && mv app.conf.new app.conf && echo 'app.conf has been updated'",
      "    sv try-restart app >/dev/null",
      "  fi",
      // It is ready with the first configuration; sh says so on descriptor 3.
      '  [ -n "$told" ] || { told=1; echo >&3; exec 3>&-; }',
      "  sleep 0.1",
      "done",
    )
    .file("confd/notification-fd", "3\n");
  story
    .script(
      "publisher/run",
      // It counts as there as long as it comes back from a restart.
      "while sv wait -t 90 ready app >/dev/null; do",
      "  . /etc/story/app.conf",
      '  echo "app is at port $port"',
      "  sleep 0.2",
      "done",
      "echo 'app is gone'",
      "exit 3",
    )
    .file("publisher/dependencies.d/app")
    .file("publisher/flag-critical", "any-exit\n");
}

async function tell(story: Story, rig: TestRig, port: number, command?: readonly string[]): Promise<void> {
  layOut(story);
  const configure = (value: number | string, text: string): Story =>
    story.record("source", `port=${value}\ntext=${text}\n`);
  configure(port, "one");
  await story.start({ ...(command === undefined ? {} : { command }), env: { UPKEEP_PREFIX_LOGS: "1" } });
  await story.answers(port, "one\n");
  configure(port, "two");
  await story.answers(port, "two\n");
  await story.shows(`publisher | app is at port ${port}\n`);

  // The output of a service takes a moment to appear.
  const twice = ["confd | app.conf has been updated", `app | listens on port ${port}`];
  const { out, err } = await rig.until("both configurations to be told", async () => {
    const said = await story.said();
    return twice.every((text) => said.out.filter((line) => line === text).length === 2) && said;
  });
  expect(err).toEqual([]);
  expect(out.filter((line) => !/^(?:app|confd|publisher) \| \S/.test(line))).toEqual([]);

  configure("nonsense", "three");
  expect(await story.ended()).toBe(3);
  const last = await story.said();
  expect(last.out).toContain("app | unable to listen on port nonsense");
  expect(last.out).toContain("publisher | app is gone");
  // What went wrong, and nothing else.
  expect(last.err.filter((line) => !line.startsWith("*** "))).toEqual([
    "runsv app: warning: giving up: 2 failures within 60 seconds, the last time ./run exited 78",
    "runsvdir /etc/service: warning: critical service publisher has ended with exit code 3, stopping all services",
  ]);
}

const title =
  "story 000: all logs with prefixes and none of the supervisor's, and the publisher's end is the container's";

inPodman(title, async (story, rig) => {
  await tell(story, rig, 8080);
});

inNamespace(`${title}, with my_init --quiet`, async (story, rig) => {
  await tell(story, rig, await freePort(), ["my_init", "--quiet"]);
});
