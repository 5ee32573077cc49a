/* Who gets into upkeep web, and what those can do who should not. */
import { chmodSync, cpSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { freePort } from "../rig/process/ports.ts";
import { ctrlC, Terminal } from "../rig/process/terminal.ts";
import { nobody, root, umask, user } from "../rig/process/under.ts";
import { WebServer } from "../rig/process/web-server.ts";

const token = "0123456789abcdef0123";
const withToken = { Authorization: `Bearer ${token}` };

function tokenFile(rig: TestRig, text = `${token}\n`, mode = 0o600): string {
  const path = rig.path("token");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

async function refused(rig: TestRig, words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await rig.run("upkeep-web", words);
  expect([words, code, stdout]).toEqual([words, 111, ""]);
  // By the word that people type it is the same.
  expect(await rig.run("upkeep", ["web", ...words])).toMatchObject({ code, stdout, stderr });
  return stderr;
}

describe("the start", () => {
  rigTest("is refused with a reason where others could look in without a token", ourSuites, async (rig) => {
    expect(await refused(rig, ["--listen", "0.0.0.0:1"])).toBe(
      "upkeep web: fatal: other machines can reach 0.0.0.0, so a token is needed: --token-file\n",
    );
    expect(await refused(rig, ["--listen", "[::]:1"])).toContain("other machines can reach ::");
    expect(await refused(rig, ["--listen", "127.0.0.1:1"])).toBe(
      "upkeep web: fatal: every user of this machine can reach it, so a token is needed: --token-file\n",
    );
    const listen = ["--listen", "127.0.0.1:1", "--token-file"];
    expect(await refused(rig, [...listen, rig.path("none")])).toContain("none: file does not exist");
    expect(await refused(rig, [...listen, tokenFile(rig, "short")])).toContain("16 characters at least");
    expect(await refused(rig, [...listen, tokenFile(rig, "a token with blanks in it")])).toContain("no blanks");
    expect(await refused(rig, [...listen, tokenFile(rig, token, 0o644)])).toContain("everybody may read it");
    for (const words of [
      ["--listen", "example.org:80"],
      ["--listen", "80"],
      ["--nosuch"],
      ["--socket", "a", "--listen", "127.0.0.1:1"],
    ]) {
      const { code, stderr } = await rig.run("upkeep-web", words);
      expect([words, code]).toEqual([words, 100]);
      expect(stderr).toContain("usage: upkeep web [option ...] [DIR ...]\n");
    }
  });

  rigTest(
    "makes a socket for user and group, takes the place of a server that was killed, and of nothing else",
    ourSuites,
    async (rig) => {
      const server = await WebServer.start(rig, [], { under: umask("000") });
      expect((statSync(server.socket).mode & 0o777).toString(8)).toBe("660");
      expect(await refused(rig, ["--socket", server.socket])).toBe(
        `upkeep web: fatal: unable to listen on ${server.socket}: address already used\n`,
      );
      await server.stop("SIGKILL");
      await server.begin();
      expect((await server.ask("/api/v1/services")).status).toBe(200);
      expect(await server.stop()).toMatchObject({ code: 0, stdout: "", stderr: "" });
      const file = rig.path("file");
      writeFileSync(file, "mine");
      expect(await refused(rig, ["--socket", file])).toContain("address already used");
      expect(rig.read(file)).toBe("mine");
      symlinkSync(file, rig.path("link"));
      expect(await refused(rig, ["--socket", rig.path("link")])).toContain("address already used");
    },
  );
});

rigTest("every answer tells browsers what they may do with it", ourSuites, async (rig) => {
  rig.service("web");
  const server = await WebServer.start(rig);
  const page = await server.ask("/");
  const script = /<script type="module" src="([^"]+)"/.exec(page.text)?.[1] ?? "none";
  const paths = ["/", `/${script}`, "/api/v1/services", "/api/v1/session", "/metrics", "/healthz"];
  const errors = ["/nosuch", "/api/v1/services/nosuch", "/api/v1/services/web/log?lines=x"];
  const answers = [
    ...(await Promise.all([...paths, ...errors].map(async (path) => await server.ask(path)))),
    await server.ask("/api/v1/services", { headers: { Host: "evil.example" } }),
    await server.ask("/api/v1/services/web/start", { method: "POST" }),
    await server.ask("/api/v1/services/web/log"),
    await server.ask("/api/v1/events", { method: "HEAD" }),
    await server.ask("/", { headers: { "If-None-Match": String(page.headers.etag) } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([
    200, 200, 200, 200, 200, 503, 404, 404, 400, 421, 403, 200, 200, 304,
  ]);
  for (const [index, { headers }] of answers.entries()) {
    const policy = String(headers["content-security-policy"]).split("; ");
    expect([index, policy]).toEqual([index, expect.arrayContaining(["default-src 'none'", "script-src 'self'"])]);
    expect([index, policy]).toEqual([index, expect.arrayContaining(["base-uri 'none'", "frame-ancestors 'none'"])]);
    expect([index, headers]).toEqual([
      index,
      expect.objectContaining({
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
      }),
    ]);
    expect([index, Object.keys(headers).filter((name) => name.startsWith("access-control"))]).toEqual([index, []]);
  }
  expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=|<style|\sstyle=/i);
});

describe("a request", () => {
  rigTest("by another name, or from another site, is refused", ourSuites, async (rig) => {
    rig.service("web");
    const server = await WebServer.start(rig, ["--allow-control", "--host", "ops.example,other.example"]);
    const status = async (path: string, headers: Readonly<Record<string, string>>, method = "GET"): Promise<number> =>
      (await server.ask(path, { method, headers })).status;
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "192.168.0.1", "a b"])
      expect([host, await status("/api/v1/services", { Host: host })]).toEqual([host, 421]);
    for (const host of ["localhost:8080", "127.0.0.1", "[::1]:8080", "ops.example", "OTHER.example:443"])
      expect([host, await status("/api/v1/services", { Host: host })]).toEqual([host, 200]);
    for (const origin of ["http://evil.example", "null", "http://localhost:81", "http://localhost/"]) {
      const headers = { Origin: origin, "upkeep-control": "1" };
      expect([origin, await status("/api/v1/events", headers)]).toEqual([origin, 403]);
      expect([origin, await status("/api/v1/services/web/start", headers, "POST")]).toEqual([origin, 403]);
    }
    expect(await status("/api/v1/services", { "Sec-Fetch-Site": "cross-site" })).toBe(403);
    expect(await status("/api/v1/services", { Origin: "http://localhost" })).toBe(200);
    // What a form of another site can send; and what a script of one asks first.
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    expect(await status("/api/v1/services/web/start", form, "POST")).toBe(403);
    const asked = await server.ask("/api/v1/services/web/start", {
      method: "OPTIONS",
      headers: { Origin: "http://evil.example", "Access-Control-Request-Headers": "upkeep-control" },
    });
    expect(Object.keys(asked.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(await server.raw("GET /api/v1/services HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")).toMatch(
      /^HTTP\/1.1 400 /,
    );
    expect(await server.raw("GET /api/v1/services HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
  });

  rigTest("needs the token, in a header or as a cookie that it was changed for", ourSuites, async (rig) => {
    rig.service("web");
    const port = await freePort();
    const command = rig.start("upkeep-web", [
      "--listen",
      `127.0.0.1:${port}`,
      "--token-file",
      tokenFile(rig),
      "--allow-control",
    ]);
    const server = await WebServer.start(rig, ["--token-file", rig.path("token")]);
    const ask = async (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") =>
      await server.ask(path, { port, headers, method });
    await rig.until("it to listen", async () => {
      if (command.ending !== undefined) throw new Error(command.stderr());
      return await ask("/api/v1/session").catch(() => null);
    });
    for (const path of [
      "/api/v1/services",
      "/api/v1/services/web",
      "/api/v1/services/web/log",
      "/api/v1/events",
      "/metrics",
      "/healthz",
      "/api/v1/openapi.json",
    ]) {
      const bare = await ask(path);
      expect([path, bare.status, bare.headers["www-authenticate"]]).toEqual([path, 401, 'Bearer realm="upkeep web"']);
      expect([path, (await ask(path, { Authorization: "Bearer 0123456789abcdef0124" })).status]).toEqual([path, 401]);
      expect([path, (await server.ask(path)).status]).toEqual([path, 401]);
    }
    expect((await ask("/")).status).toBe(200);
    expect(JSON.parse((await ask("/api/v1/session")).text)).toMatchObject({
      needsToken: true,
      isSignedIn: false,
      mayControl: true,
    });
    expect((await ask("/api/v1/services", withToken)).status).toBe(200);
    const control = { "upkeep-control": "1" };
    expect(
      (await ask("/api/v1/session", { ...control, Authorization: "Bearer wrong-wrong-wrong" }, "POST")).status,
    ).toBe(401);
    const signed = await ask("/api/v1/session", { ...control, ...withToken }, "POST");
    expect(signed.status).toBe(204);
    const [cookie = ""] = signed.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(new RegExp(`^upkeep-${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`));
    expect(cookie).not.toContain(token);
    const session = { Cookie: cookie.replace(/;.*/, "") };
    expect((await ask("/api/v1/services", session)).status).toBe(200);
    // The cookie comes by itself, so it alone changes nothing.
    expect((await ask("/api/v1/services/web/start", session, "POST")).status).toBe(403);
    expect(
      (await ask("/api/v1/services/web/start", { ...session, ...control, Origin: "http://evil.example" }, "POST"))
        .status,
    ).toBe(403);
    expect((await ask("/api/v1/services/web/start", { ...session, ...control }, "POST")).status).toBe(503);
    const out = await ask("/api/v1/session", control, "DELETE");
    expect([out.status, out.headers["set-cookie"]?.[0]]).toEqual([204, expect.stringContaining("Max-Age=0")]);
  });

  rigTest("leads to nothing but services and files of the page, whatever its path", ourSuites, async (rig) => {
    rig.service("web");
    rig.service("outside", {}, rig.path("other"));
    writeFileSync(rig.path("secret"), "secret");
    writeFileSync(`${rig.services}/file`, "secret");
    symlinkSync(rig.path("secret"), `${rig.services}/link`);
    const server = await WebServer.start(rig);
    const up = [
      "..",
      "%2e%2e",
      "..%2f..",
      "%2e%2e%2f%2e%2e",
      ".",
      "",
      "..%00",
      "%c0%ae%c0%ae",
      "..\\..",
      ".git",
      ".runsvdir",
      "web%2f..",
      "web%2flog",
      "file",
      "link",
    ];
    const paths = up.flatMap((segment) => [
      `/${segment}/secret`,
      `/assets/${segment}/${segment}/secret`,
      `/api/v1/services/${segment}`,
      `/api/v1/services/${segment}/log`,
      `/api/v1/services/${segment}%2fother%2foutside`,
      `/api/v1/schema/${segment}`,
      `/api/v1/schema/constructor`,
      `/__proto__`,
      `/healthz/${segment}%2fother%2foutside`,
    ]);
    for (const path of paths) {
      const answer = await server.raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      expect([path, answer.slice(0, 12)]).toEqual([path, expect.stringMatching(/^HTTP\/1.1 40[04]$/)]);
      expect(answer).not.toContain("secret\n");
    }
    for (const target of ["*", "http://evil.example/", "//evil.example/", "/api/v1/services\u0000", "/%"])
      expect(
        await server.raw(
          Buffer.from(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, "latin1"),
        ),
      ).toMatch(/^HTTP\/1.1 (400|404)|^$/);
  });

  rigTest("is refused if it is too large, and holds its place for a while only", ourSuites, async (rig) => {
    const server = await WebServer.start(rig, ["--allow-control"]);
    const head = "POST /api/v1/services/web/start HTTP/1.1\r\nHost: localhost\r\nupkeep-control: 1\r\n";
    expect(await server.raw(`${head}Content-Length: 1000000000\r\n\r\n`)).toMatch(/^HTTP\/1.1 413 /);
    expect(await server.raw(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`)).toMatch(/^HTTP\/1.1 413 /);
    expect(await server.raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"y".repeat(40_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 4/,
    );
    expect((await server.ask(`/${"x".repeat(10_000)}`)).status).toBe(413);
    expect(await server.raw("complete nonsense\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
    // One that never ends its request, and one that asks nothing any more.
    const slow = server.connect();
    slow.write("GET / HTTP/1.1\r\nHost: local");
    const idle = server.connect();
    idle.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    idle.resume();
    slow.resume();
    for (const socket of [slow, idle]) await rig.until("it to be closed", () => socket.closed);
  });
});

rigTest("a token that is made up is shown at the terminal, and opens the page", ourSuites, async (rig) => {
  rig.service("web");
  const server = await WebServer.start(rig);
  const port = await freePort();
  using terminal = await Terminal.open(rig, `exec upkeep-web --listen 127.0.0.1:${port}`);
  const shown = new RegExp(`^upkeep web: http://127\\.0\\.0\\.1:${port}/#token=(\\S+)$`, "m");
  const [, made = ""] = await rig.until("its address", () => shown.exec(terminal.screen()));
  expect(made).toMatch(/^[\w-]{22,}$/);
  const status = async (bearer: string): Promise<number> =>
    (await server.ask("/api/v1/services", { port, headers: { Authorization: `Bearer ${bearer}` } })).status;
  expect([await status(made), await status(`${made}x`)]).toEqual([200, 401]);
  terminal.type(ctrlC);
  expect(await rig.result(terminal.command)).toMatchObject({ code: 0 });
});

rigTest(
  "another user than root sees what the permissions show, and may do what they allow",
  ourSuites,
  async (rig) => {
    const closed = rig.service("closed");
    const open = rig.service("open", { run: ["trap HUP"] });
    for (const service of [closed, open]) await rig.runsv(service);
    for (const service of [closed, open]) await service.stat("run");
    chmodSync(rig.root, 0o755);
    chmodSync(open.file("supervise"), 0o755);
    for (const fifo of ["control", "ok"]) chmodSync(open.file("supervise", fifo), 0o666);
    const directory = rig.path("nobody");
    await rig.run("install", ["-d", "-o", String(nobody), "-g", String(nobody), directory]);
    const socket = `${directory}/web.sock`;
    rig.start("upkeep-web", ["--socket", socket, "--allow-control"], { under: user(nobody, nobody) });
    await rig.until("its socket", () => rig.exists(socket));
    const curl = async (...words: readonly string[]) =>
      (await rig.run("perl", ["-MIO::Socket::UNIX", "-e", client, socket, ...words])).stdout;
    const list = await curl("GET", "/api/v1/services");
    expect(list).toContain('"error":"unable to open supervise/ok: access denied"');
    expect(list).toContain('"name":"open"');
    expect(list).toContain(`"pid":${open.supervise.status().pid}`);
    expect(await curl("POST", "/api/v1/services/closed/hup")).toMatch(/^HTTP\/1.1 503 [^]*access denied/);
    expect(await curl("POST", "/api/v1/services/open/hup")).toMatch(/^HTTP\/1.1 202 /);
    await open.run.signalled("HUP");
  },
  { needs: root },
);

/** Asks by a socket, as curl would. */
const client =
  'my $s = IO::Socket::UNIX->new(shift) or die; my ($m, $p) = @ARGV; print $s "$m $p HTTP/1.1\\r\\nHost: localhost\\r\\nupkeep-control: 1\\r\\nConnection: close\\r\\n\\r\\n"; print while <$s>';

rigTest(
  "a server that is killed is missed by nobody: services, their supervisors and their commands go on",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: ["trap HUP"] });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    const server = await WebServer.start(rig, ["--allow-control"]);
    const readers = ["/api/v1/events", "/api/v1/services/web/log"].map((path) => server.follow(path));
    for (const reader of readers) await reader.wait("a first event", () => reader.events.length > 0);
    const before = web.supervise.status();
    await server.stop("SIGKILL");
    for (const reader of readers) await rig.until("its end", () => reader.isEnded);
    web.supervise.control("h");
    await web.run.signalled("HUP");
    expect(web.supervise.status()).toEqual(before);
    expect(before.pid).toBe(pid);
    await server.begin(["--allow-control"]);
    expect((await server.act("/api/v1/services/web/hup")).status).toBe(202);
    await web.run.signalled("HUP", 2);
  },
);

rigTest(
  "the service of examples/web listens on loopback, and makes a token that only its user can read",
  ourSuites,
  async (rig) => {
    const port = await freePort();
    const example = rig.path("service/upkeep-web");
    cpSync(join(repositoryRoot, "examples/web/service/upkeep-web"), example, { recursive: true });
    const run = rig.read(join(example, "run"));
    writeFileSync(
      join(example, "run"),
      run.replace("127.0.0.1:8017", `127.0.0.1:${port}`).replace("upkeep web", "upkeep-web"),
    );
    rig.service("web");
    expect((await rig.run("sv", ["lint", "--strict", example])).code).toBe(0);
    rig.start("runsvdir", [rig.services]);
    const server = await WebServer.start(rig);
    const ask = async (headers: Readonly<Record<string, string>>) =>
      await server.ask("/api/v1/services", { port, headers }).catch(() => null);
    await rig.until("it to listen", async () => (await ask({}))?.status === 401);
    expect((statSync(join(example, "token")).mode & 0o777).toString(8)).toBe("600");
    const made = rig.read(join(example, "token")).trim();
    const list = await ask({ Authorization: `Bearer ${made}` });
    expect([list?.status, list?.text]).toEqual([200, expect.stringContaining('"id":"upkeep-web"')]);
  },
);
