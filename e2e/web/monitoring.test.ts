/* /metrics to those who read it in earnest: promtool, and a Prometheus that scrapes it. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { program } from "../rig/core/needs.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { freePort } from "../rig/process/ports.ts";
import { WebServer } from "../rig/process/web-server.ts";
import { logRun, shell } from "../rig/runit/available.ts";
import { stateToBe } from "../rig/runit/state-json.ts";
import { webSuites } from "../rig/runit/web-suites.ts";

const needs = program("promtool", "prometheus") ?? program("prometheus", "prometheus");
const examples = join(repositoryRoot, "examples/web");
const openMetrics = { Accept: "application/openmetrics-text;version=1.0.0" };

/** The samples of a metric, by the value of its label `service` and what else is told. */
function samplesOf(text: string, metric: string): readonly string[] {
  return text.split("\n").flatMap((line) => (line.startsWith(`${metric}{`) ? [line.slice(metric.length)] : []));
}

rigTest(
  "metrics are what promtool takes for good, in our words of runsv and of runit's",
  webSuites,
  async (rig) => {
    const web = rig.service("web", { log: { run: logRun } });
    const crashing = rig.service("crashing", { run: shell("exit 3"), files: { "restart-delay": "10" } });
    rig.service('odd"\\name\u001b');
    for (const service of [web, crashing]) await rig.runsv(service);
    await web.stat("run");
    await web.logStat("run");
    const server = await WebServer.start(rig);
    const { text, headers } = await server.ask("/metrics");
    expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    const file = rig.path("metrics");
    writeFileSync(file, text);
    expect(await rig.run("sh", ["-c", `promtool check metrics <${file}`])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "",
    });
    const labels = `{service="web",directory="${rig.services}"}`;
    expect(samplesOf(text, "upkeep_service_up")).toContain(`${labels} 1`);
    expect(samplesOf(text, "upkeep_service_wanted")).toContain(`${labels} 1`);
    expect(samplesOf(text, "upkeep_service_supervised")).toHaveLength(3);
    const ofWeb = (metric: string): string | undefined => samplesOf(text, metric).find((one) => one.startsWith(labels));
    expect(ofWeb("upkeep_service_resident_memory_bytes")).toMatch(/ [1-9]\d+$/);
    expect(ofWeb("upkeep_service_open_files")).toMatch(/ [1-9]\d*$/);
    const open = await server.ask("/metrics", { headers: openMetrics });
    expect(open.headers["content-type"]).toMatch(/^application\/openmetrics-text/);
    expect(open.text.endsWith("# EOF\n")).toBe(true);
    if (!rig.suite.ours) return;
    const count = async (): Promise<number> => {
      const found = samplesOf((await server.ask("/metrics")).text, "upkeep_service_exits_total");
      const ofThree = found.find((sample) => sample.includes('code="3",signal=""'));
      return Number(ofThree?.replace(/^.* /, "") ?? 0);
    };
    await rig.until("ends to be counted", async () => (await count()) > 2);
    const restarts = samplesOf((await server.ask("/metrics")).text, "upkeep_service_restarts_total");
    expect(restarts.some((sample) => /"crashing".* [1-9]/.test(sample))).toBe(true);
    // Of more ends than there are on record, none is lost.
    const sums = async (): Promise<{ readonly restarts: number; readonly exits: number }> => {
      const metrics = (await server.ask("/metrics")).text;
      const sum = (metric: string): number =>
        samplesOf(metrics, metric)
          .filter((sample) => sample.includes('"crashing"'))
          .reduce((all, sample) => all + Number(sample.replace(/^.* /, "")), 0);
      return { restarts: sum("upkeep_service_restarts_total"), exits: sum("upkeep_service_exits_total") };
    };
    // While it crashes, both would be of different moments; and what is counted may be a look old.
    const atRest = async (): Promise<Awaited<ReturnType<typeof sums>>> => {
      crashing.supervise.control("d");
      const { starts } = await stateToBe(rig, crashing, { state: "down", want: "down" });
      return await rig.until("all starts to be counted", async () => {
        const found = await sums();
        return found.restarts === Number(starts) - 1 && found;
      });
    };
    const before = await atRest();
    crashing.supervise.control("u");
    const startsOf = async (): Promise<number> =>
      (await server.json<{ readonly starts: number }>("/api/v1/services/crashing")).starts;
    const first = await startsOf();
    await rig.until("more ends than there are on record", async () => (await startsOf()) > first + 30);
    const after = await atRest();
    // A look between two writes may have taken a start for ended, which counts one too many.
    expect([0, 1]).toContain(after.exits - before.exits - (after.restarts - before.restarts));
    expect(samplesOf((await server.ask("/metrics")).text, "upkeep_service_exits_total").join()).toContain(
      'code="unknown"',
    );
  },
  { needs },
);

rigTest(
  "a log service that does not run is told of, and its alert fires for a service that is wanted up alone",
  ourSuites.filter(({ name }) => name === "standalone"),
  async (rig) => {
    const unlogged = rig.service("unlogged", { log: { run: shell("exit 1") } });
    const web = rig.service("web", { log: { run: logRun } });
    for (const service of [unlogged, web, rig.service("bare")]) await rig.runsv(service);
    await unlogged.stat("run");
    await web.logStat("run");
    const server = await WebServer.start(rig);
    const ofLog = async (): Promise<readonly string[]> =>
      samplesOf((await server.ask("/metrics")).text, "upkeep_service_log_up").map((sample) =>
        sample.replace(/^\{service="(\w+)".*\}/, "$1"),
      );
    await rig.until("the log to be down", async () => (await ofLog()).join() === "unlogged 0,web 1");
    const labels = (name: string): string => `{service="${name}",directory="/s"}`;
    const series = [
      [`upkeep_service_log_up${labels("unlogged")}`, "0x9"],
      [`upkeep_service_wanted${labels("unlogged")}`, "1x9"],
      [`upkeep_service_log_up${labels("off")}`, "0x9"],
      [`upkeep_service_wanted${labels("off")}`, "0x9"],
      [`upkeep_service_log_up${labels("web")}`, "1x9"],
      [`upkeep_service_wanted${labels("web")}`, "1x9"],
    ].map(([name, values]) => ({ series: name, values }));
    const alert = {
      exp_labels: { severity: "critical", service: "unlogged", directory: "/s" },
      exp_annotations: { summary: "nobody takes the log of unlogged: its log/run does not run" },
    };
    const times = [
      { eval_time: "30s", alertname: "ServiceLogDown", exp_alerts: [] },
      { eval_time: "2m", alertname: "ServiceLogDown", exp_alerts: [alert] },
    ];
    const rules = {
      rule_files: [join(examples, "alerts.yml")],
      evaluation_interval: "10s",
      tests: [{ interval: "15s", input_series: series, alert_rule_test: times }],
    };
    // JSON is YAML.
    writeFileSync(rig.path("rules.yml"), JSON.stringify(rules));
    expect(await rig.run("promtool", ["test", "rules", rig.path("rules.yml")])).toMatchObject({ code: 0, stderr: "" });
  },
  { needs },
);

rigTest(
  "a Prometheus with the configuration and the rules of examples/web scrapes it, and an alert fires",
  ourSuites.filter(({ name }) => name === "standalone"),
  async (rig) => {
    const failed = rig.service("failed", { run: shell("exit 7"), files: { restart: "never" } });
    const web = rig.service("web");
    for (const service of [failed, web]) await rig.runsv(service);
    await web.stat("run");
    await failed.stat("down");
    const [port, prometheus] = [await freePort(), await freePort()];
    const token = rig.path("token");
    writeFileSync(token, "a-token-for-a-test-0123\n", { mode: 0o600 });
    rig.start("upkeep-web", ["--listen", `127.0.0.1:${port}`, "--token-file", token]);
    const directory = rig.path("prometheus");
    cpSync(examples, directory, { recursive: true });
    const configuration = readFileSync(join(examples, "prometheus.yml"), "utf8")
      .replace("/etc/service/upkeep-web/token", token)
      .replace("127.0.0.1:8017", `127.0.0.1:${port}`)
      .replace("scrape_interval: 15s", "scrape_interval: 1s");
    writeFileSync(join(directory, "prometheus.yml"), `global:\n  evaluation_interval: 200ms\n${configuration}`);
    expect(await rig.run("promtool", ["check", "config", join(directory, "prometheus.yml")])).toMatchObject({
      code: 0,
    });
    const server = rig.start("prometheus", [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=127.0.0.1:${prometheus}`,
    ]);
    interface Found {
      readonly data: {
        readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[];
      };
    }
    const query = async (expression: string): Promise<Found["data"]["result"]> => {
      if (server.ending !== undefined) throw new Error(`prometheus has ended: ${server.stderr()}`);
      const address = `http://127.0.0.1:${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`;
      const answer = await fetch(address).catch(() => null);
      return answer?.ok === true ? ((await answer.json()) as Found).data.result : [];
    };
    const up = await rig.until("samples", async () => {
      const found = await query("upkeep_service_up");
      return found.length === 2 ? found : false;
    });
    expect(Object.fromEntries(up.map(({ metric, value }) => [metric["service"], value[1]]))).toEqual({
      failed: "0",
      web: "1",
    });
    expect((await query('up{job="upkeep"}'))[0]?.value[1]).toBe("1");
    const alert = await rig.until("an alert", async () => {
      const found = await query('ALERTS{alertname="ServiceFailed",alertstate="firing"}');
      return found[0] ?? false;
    });
    expect(alert.metric["service"]).toBe("failed");
    // The dashboard asks for nothing that is not there.
    const dashboard = readFileSync(join(examples, "grafana-dashboard.json"), "utf8");
    const asked = new Set([...dashboard.matchAll(/upkeep_[a-z_]+/g)].map(([name]) => name));
    const { stdout: names } = await rig.run("perl", ["-MIO::Socket::INET", "-e", scrape, String(port), token]);
    expect(asked.size).toBeGreaterThan(8);
    expect(
      [...asked].filter(
        (name) => !names.includes(`# TYPE ${name.replace(/_total$/, "")} `) && !names.includes(`# TYPE ${name} `),
      ),
    ).toEqual([]);
  },
  { needs },
);

const scrape =
  'my ($p, $f) = @ARGV; open F, $f; chomp(my $t = <F>); my $s = IO::Socket::INET->new("127.0.0.1:$p") or die; print $s "GET /metrics HTTP/1.1\\r\\nHost: localhost\\r\\nAuthorization: Bearer $t\\r\\nConnection: close\\r\\n\\r\\n"; print while <$s>';
