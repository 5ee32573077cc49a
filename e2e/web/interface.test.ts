/* What upkeep web answers, above our runsv and stock runsv: JSON in the published schemas, events, actions, health. */
import { readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { WebServer } from "../rig/process/web-server.ts";
import { logRun, shell } from "../rig/runit/available.ts";
import { webSuites } from "../rig/runit/web-suites.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly state: string | null;
  readonly pid: number | null;
  readonly condition: string;
  readonly error: string | null;
  readonly directory: string;
  readonly log: Entry | null;
}

interface List {
  readonly mayControl: boolean;
  readonly directories: readonly {
    readonly label: string | null;
    readonly path: string;
    readonly error: string | null;
  }[];
  readonly services: readonly Entry[];
}

interface Change {
  readonly services: readonly Entry[];
  readonly removed: readonly string[];
}

/** A service that says how often it got HUP. */
const talking = shell('echo "started"', 'trap "echo got HUP" HUP', "while :; do sleep 600 & wait; done");

async function twoServices(rig: TestRig): Promise<{ readonly web: ScriptedService; readonly off: ScriptedService }> {
  const web = rig.service("web", { run: talking, log: { run: logRun } });
  const off = rig.service("off", { down: true });
  for (const service of [web, off]) await rig.runsv(service);
  await web.stat("run");
  await web.logStat("run");
  await off.stat("down");
  return { web, off };
}

/** Checks what was answered against the schema that the server itself serves, and that docs/schema has. */
async function checkSchema(server: WebServer, name: string, data: unknown): Promise<void> {
  const schema = await server.json<object>(`/api/v1/schema/${name}.json`);
  const published = readFileSync(join(repositoryRoot, `docs/schema/${name}.json`), "utf8");
  expect(schema).toEqual(JSON.parse(published));
  const ajv = new Ajv2020({ strict: false });
  const isValid = ajv.validate(schema, data);
  expect([name, isValid, ajv.errorsText()]).toEqual([name, true, "No errors"]);
}

describe("services", () => {
  rigTest("are listed and described in the schemas that are published", webSuites, async (rig) => {
    const { web } = await twoServices(rig);
    rig.service("idle");
    const server = await WebServer.start(rig);
    const list = await server.json<List>("/api/v1/services");
    expect(list.directories).toEqual([{ label: null, path: rig.services, error: null }]);
    expect(list.mayControl).toBe(false);
    expect(list.services.map(({ id, state, condition }) => [id, state, condition])).toEqual([
      ["idle", null, "unknown"],
      ["off", "down", "down"],
      ["web", "run", "up"],
    ]);
    expect(list.services[0]?.error).toBe("unable to open supervise/ok: file does not exist");
    expect(list.services[2]?.log).toMatchObject({ name: "web/log", state: "run" });
    expect(list.services[2]?.pid).toBe(web.supervise.status().pid);
    await checkSchema(server, "web-services", list);
    const detail = await server.json<Entry>("/api/v1/services/web");
    expect(detail).toMatchObject({ id: "web", name: "web", state: "run", directory: rig.services });
    expect(detail).toMatchObject({ lastLines: ["started"] });
    await checkSchema(server, "web-service", detail);
    const one = await server.ask("/api/v1/services/web/log");
    expect(one.headers["content-type"]).toBe("application/x-ndjson; charset=utf-8");
    await checkSchema(server, "web-log-line", JSON.parse(one.text.split("\n")[0] ?? ""));
    await checkSchema(server, "web-session", await server.json("/api/v1/session"));
    const missing = await server.ask("/api/v1/services/nosuch");
    expect(missing.status).toBe(404);
    await checkSchema(server, "web-error", JSON.parse(missing.text));
    const openApi = await server.json("/api/v1/openapi.json");
    expect(openApi).toEqual(JSON.parse(readFileSync(join(repositoryRoot, "docs/schema/openapi.json"), "utf8")));
  });

  rigTest(
    "that crash are listed with their last ends, and tell for how long they have been ending",
    ourSuites,
    async (rig) => {
      const files = { "restart-delay": "500" };
      const web = rig.service("web", { run: shell("exit 3"), files });
      const slow = rig.service("slow", { run: shell("sleep 1"), finish: { text: "#!/bin/sh\nexec sleep 1000\n" } });
      const server = await WebServer.start(rig);
      const reader = server.follow("/api/v1/events");
      await reader.wait("all services", () => reader.of("state").length === 1);
      for (const service of [web, slow]) await rig.runsv(service);
      interface Ended extends Entry {
        readonly sameEnds: readonly number[];
        readonly lastExit: { readonly at: string; readonly code: number } | null;
      }
      const told = (name: string): readonly Ended[] =>
        reader.of<Change>("change").flatMap(({ services }) => services.filter((one) => one.name === name) as Ended[]);
      const crashed = await reader.wait("two ends of its", () =>
        told("web").find(({ sameEnds }) => sameEnds.length > 1),
      );
      expect(crashed.sameEnds[0]).toBe(Math.floor(Date.parse(crashed.lastExit?.at ?? "") / 1000));
      expect(crashed.sameEnds).toEqual(crashed.sameEnds.toSorted((one, other) => other - one));
      const ending = await reader.wait("its end", () => told("slow").find(({ state }) => state === "finish"));
      expect(ending.lastExit?.code).toBe(0);
      const { text } = await server.ask("/metrics");
      const [, age] = /^upkeep_service_state_seconds\{service="slow".*\} (\d+)$/m.exec(text) ?? [];
      const shown = await server.json<{ readonly seconds: number }>("/api/v1/services/slow");
      expect(Number(age)).toBeLessThan(shown.seconds);
    },
  );

  rigTest("are what sv show tells of them", ourSuites, async (rig) => {
    await twoServices(rig);
    const server = await WebServer.start(rig);
    const shown = JSON.parse((await rig.run("sv", ["show", "--json", "web"])).stdout) as readonly object[];
    const told = await server.json<Record<string, unknown>>("/api/v1/services/web");
    const { id, directory, condition, use, sameEnds, seconds, processes, ...rest } = told;
    const { seconds: _seconds, processes: _processes, path, log, ...expected } = shown[0] as Record<string, unknown>;
    expect({ ...rest, path, log }).toEqual({ ...expected, path, log });
    expect([id, directory, condition, sameEnds]).toEqual(["web", rig.services, "up", []]);
    expect([use, seconds, processes]).toEqual([expect.anything(), expect.any(Number), expect.any(Array)]);
  });

  rigTest(
    "of several directories have labels before their ids, and those that cannot be read are named",
    ourSuites,
    async (rig) => {
      const one = rig.service("web", {}, rig.path("a/service"));
      rig.service("web", {}, rig.path("b/service"));
      await rig.runsv(one);
      const server = await WebServer.start(rig, [rig.path("a/service"), rig.path("b/service"), rig.path("gone")]);
      const list = await server.json<List>("/api/v1/services");
      expect(list.directories).toEqual([
        { label: "service", path: rig.path("a/service"), error: null },
        { label: "service-2", path: rig.path("b/service"), error: null },
        {
          label: "gone",
          path: rig.path("gone"),
          error: `unable to open directory ${rig.path("gone")}: file does not exist`,
        },
      ]);
      expect(list.services.map(({ id, name }) => [id, name])).toEqual([
        ["service:web", "web"],
        ["service-2:web", "web"],
      ]);
      expect((await server.json<Entry>("/api/v1/services/service-2:web")).directory).toBe(rig.path("b/service"));
      for (const id of ["web", "gone:web", "other:web", ":web", "service:"])
        expect([id, (await server.ask(`/api/v1/services/${id}`)).status]).toEqual([id, 404]);
    },
  );

  rigTest("have ids whatever bytes their names have", ourSuites, async (rig) => {
    const names = [
      "two words",
      "größe 日本語",
      "-dash",
      "$(exit)'\"`*",
      "a\\b",
      "a%2fb",
      "<b>&amp;",
      "\u001b[31m",
      "\ttab",
      "line\nbreak\r",
      ...Array.from({ length: 31 }, (_, index) => `control${String.fromCharCode(index + 1)}`),
      "\u007f\u0080\u202e",
      "x".repeat(250),
    ];
    for (const name of names) rig.service(name, { down: true });
    const bytes = rig.service("bytes", { down: true, log: { run: logRun } }, rig.root);
    renameSync(bytes.path, Buffer.concat([Buffer.from(`${rig.services}/caf`), Buffer.of(0xe9, 0xff, 0x80)]));
    rig.start("runsvdir", [rig.services]);
    const server = await WebServer.start(rig, ["--allow-control"]);
    const list = await rig.until("all services", async () => {
      const found = await server.json<List>("/api/v1/services");
      return found.services.length === names.length + 1 && found.services.every(({ state }) => state === "down")
        ? found
        : false;
    });
    expect(list.services.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(list.services.find(({ name }) => name.startsWith("caf"))).toMatchObject({
      id: "caf%E9%FF%80",
      name: "caf\udce9\udcff\udc80",
    });
    expect((await server.ask("/healthz/caf%E9%FF%80")).text).toContain(": caf\\xe9\\xff\\x80: ");
    for (const { id, name } of list.services) {
      expect(id).toMatch(/^[A-Za-z0-9._~%-]+$/);
      expect((await server.json<Entry>(`/api/v1/services/${id}`)).name).toBe(name);
      const health = await server.ask(`/healthz/${id}`);
      expect([health.status, health.text]).toEqual([
        200,
        expect.stringMatching(/^ok: down: [^\n]+: \d+s[^\n]*\n(ok: .*\n)?$/),
      ]);
      // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
      expect(health.text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ufffd]/);
      expect((await server.ask(`/api/v1/services/${id}/log`)).status).toBe(200);
      expect((await server.act(`/api/v1/services/${id}/once`)).status).toBe(202);
    }
    await rig.until("all to run", async () =>
      (await server.json<List>("/api/v1/services")).services.every(({ state }) => state === "run"),
    );
  });
});

describe("events", () => {
  rigTest(
    "tell what there is, then what changes, and what has changed since a reader was there",
    webSuites,
    async (rig) => {
      const { web } = await twoServices(rig);
      const server = await WebServer.start(rig);
      const reader = server.follow("/api/v1/events");
      const state = await reader.wait("all services", () => reader.of<List>("state")[0]);
      expect(state.services.map(({ id }) => id)).toEqual(["off", "web"]);
      const { pid } = web.supervise.status();
      web.supervise.control("t");
      const changed = (one: typeof reader, condition: (entry: Entry) => boolean): boolean =>
        one
          .of<Change>("change")
          .some(({ services }) => services.some((entry) => entry.id === "web" && condition(entry)));
      await reader.wait("another process", () =>
        changed(reader, (entry) => entry.state === "run" && entry.pid !== pid),
      );
      await reader.wait("what it uses", () => reader.events.some(({ event }) => event === "use"));
      const { lastId } = reader;
      reader.close();
      web.supervise.control("d");
      await web.stat("down");
      const again = server.follow("/api/v1/events", { "Last-Event-ID": lastId ?? "" });
      await again.wait("the change", () => changed(again, (entry) => entry.state === "down"));
      expect(again.of("state")).toEqual([]);
      await checkSchema(server, "web-change", again.of("change")[0]);
      rig.service("new");
      await again.wait("a new service", () =>
        again.of<Change>("change").some(({ services }) => services.some(({ id }) => id === "new")),
      );
      rmSync(rig.path("service/new"), { recursive: true });
      await again.wait("its end", () => again.of<Change>("change").some(({ removed }) => removed.includes("new")));
      const stranger = server.follow("/api/v1/events", { "Last-Event-ID": "another.7" });
      await stranger.wait("all services", () => stranger.of<List>("state").length === 1);
      await again.wait("a sign of life", () => again.of("beat").length > 0);
    },
  );

  rigTest("reach 64 readers and no more, and a new server tells them all there is", ourSuites, async (rig) => {
    await twoServices(rig);
    const server = await WebServer.start(rig);
    const readers = Array.from({ length: 64 }, () => server.follow("/api/v1/events"));
    for (const reader of readers) await reader.wait("all services", () => reader.of("state").length === 1);
    expect((await server.ask("/api/v1/events")).status).toBe(429);
    expect((await server.ask("/api/v1/services")).status).toBe(200);
    const [first] = readers;
    expect(await server.stop("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
    for (const reader of readers) await rig.until("the end of a reader", () => reader.isEnded);
    await server.begin();
    const again = server.follow("/api/v1/events", { "Last-Event-ID": first?.lastId ?? "" });
    await again.wait("all services", () => again.of("state").length === 1);
  });
});

describe("actions", () => {
  rigTest("are refused unless they are allowed, and then are what sv does", webSuites, async (rig) => {
    const { web, off } = await twoServices(rig);
    const closed = await WebServer.start(rig);
    const { pid } = web.supervise.status();
    const refused = await closed.act("/api/v1/services/web/restart");
    expect([refused.status, refused.text]).toEqual([
      403,
      '{"error":{"code":"forbidden","message":"actions are not allowed: --allow-control"}}\n',
    ]);
    expect(await closed.stop()).toMatchObject({ code: 0, stderr: "" });
    await closed.begin(["--allow-control"]);
    expect((await closed.ask("/api/v1/services/web/restart", { method: "POST" })).status).toBe(403);
    expect(web.supervise.status().pid).toBe(pid);
    const sent = await closed.act("/api/v1/services/web/restart");
    expect([sent.status, sent.text]).toEqual([
      202,
      '{"version":1,"id":"web","action":"restart","commands":["term","cont","up"]}\n',
    ]);
    await rig.until("another process", () => web.supervise.says("run") && web.supervise.status().pid !== pid);
    await closed.act("/api/v1/services/web/hup");
    await rig.until("HUP", async () => (await closed.ask("/api/v1/services/web/log")).text.includes("got HUP"));
    await closed.act("/api/v1/services/off/start");
    await off.stat("run");
    await closed.act("/api/v1/services/off/stop");
    await off.stat("down");
    for (const action of ["exit", "x", "shutdown", "..%2f", "constructor"])
      expect([action, (await closed.act(`/api/v1/services/web/${action}`)).status]).toEqual([action, 404]);
    rig.service("idle");
    await rig.until("idle", async () => (await closed.act("/api/v1/services/idle/start")).status === 503);
  });
});

rigTest("health is that of sv health", webSuites, async (rig) => {
  await twoServices(rig);
  const server = await WebServer.start(rig);
  const fine = await server.ask("/healthz");
  expect([fine.status, fine.text.replaceAll(/\d+/g, "N")]).toEqual([
    200,
    "ok: down: off: Ns\nok: run: web: (pid N) Ns\nok: run: web/log: (pid N) Ns\n",
  ]);
  expect((await server.ask("/healthz/web")).text).toMatch(/^ok: run: web: .*\nok: run: web\/log: .*\n$/);
  const sick = rig.service("sick", { check: ["exit 1"] });
  await rig.runsv(sick);
  await sick.run.started();
  const found = await rig.until("sick", async () => {
    const answer = await server.ask("/healthz/sick");
    return answer.status === 503 && answer.text.startsWith("fail: run: sick") ? answer : false;
  });
  expect(found.text.replaceAll(/\d+/g, "N")).toContain(rig.suite.ours ? "not ready" : "check script fails");
  expect((await server.ask("/healthz")).status).toBe(503);
  expect((await server.ask("/healthz/nosuch")).status).toBe(404);
});
