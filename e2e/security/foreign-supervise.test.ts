/*
 * A `supervise/` that its user may write to: what they put there makes root write nowhere else.
 */
import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { expect } from "vitest";
import { asItsUser, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { sv } from "../rig/runit/sv.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";

/** Does something to the directory as nobody, to whom it belongs from now on. $1 is a file of root's. */
async function hostileUser(rig: TestRig, directory: string, script: string): Promise<void> {
  await asItsUser(rig, directory, script, rig.path("secret"));
}

/** A file of root's that nobody else can read, and a directory of root's with a FIFO that nobody reads. */
function makeSecrets(rig: TestRig): () => string {
  const [file, directory] = [rig.path("secret"), rig.path("secrets")];
  writeFileSync(file, "of root's\n", { mode: 0o600 });
  mkdirSync(directory, 0o755);
  execaSync("mkfifo", [join(directory, "fifo")]);
  return () => {
    const { mode, uid } = statSync(file);
    return `${readFileSync(file, "utf8")}${mode} ${uid} ${lstatSync(directory).mtimeMs}`;
  };
}

async function supervised(rig: TestRig, name: string): Promise<ScriptedService> {
  const service = rig.service(name, { run: ["exit-on TERM"] });
  await rig.runsv(service);
  await service.stat("run");
  return service;
}

rigTest(
  "no link in waiters/, and no link for waiters/, makes runsv write or remove anything",
  ourSuites,
  async (rig) => {
    const secrets = makeSecrets(rig);
    const before = secrets();
    const [web, db] = [await supervised(rig, "web"), await supervised(rig, "db")];
    const links =
      'mkdir waiters && for name in app.1.x .new-app.1.x x; do ln -s "$1" waiters/$name; done; mkfifo waiters/f';
    await hostileUser(rig, web.file("supervise"), links);
    await hostileUser(rig, db.file("supervise"), 'ln -s "$1s" waiters');
    expect(await sv(rig, ["stop", "web", "db"])).toMatchObject({ code: 0 });
    expect(await sv(rig, ["start", "web", "db"])).toMatchObject({ code: 0 });
    // The FIFO goes since nobody reads it, so the others have had their turn.
    await rig.until("the FIFO to be removed", () => !rig.exists(web.file("supervise/waiters/f")));
    await sv(rig, ["exit", "web", "db"]);
    expect(rig.exists(rig.path("secrets/fifo"))).toBe(true);
    expect(secrets()).toBe(before);
  },
  { needs: twoUsers },
);

rigTest(
  "a service that waits for another user's listens nowhere else",
  ourSuites,
  async (rig) => {
    const secrets = makeSecrets(rig);
    const before = secrets();
    const db = rig.service("db", { run: ["exit-on TERM"], down: true });
    await rig.runsv(db);
    await db.stat("down");
    await hostileUser(rig, db.file("supervise"), 'ln -s "$1s" waiters');
    const app = rig.service("app", { run: ["exit-on TERM"], files: { "dependencies.d/db": "" } });
    await rig.runsv(app);
    await rig.until("it to wait", async () => (await sv(rig, ["status", "app"])).stdout.includes("waiting for db"));
    // Without a FIFO it looks from time to time.
    expect(await sv(rig, ["start", "db"])).toMatchObject({ code: 0 });
    await app.stat("run");
    expect(secrets()).toBe(before);
  },
  { needs: twoUsers },
);

rigTest(
  "links in the place of new files are replaced, not followed",
  ourSuites,
  async (rig) => {
    const secrets = makeSecrets(rig);
    const before = secrets();
    const web = await supervised(rig, "web");
    const names = ["pid", "stat", "status", "state.json"];
    const links = `for name in ${names.join(" ")}; do ln -s "$1" $name.new; done`;
    await hostileUser(rig, web.file("supervise"), links);
    expect(await sv(rig, ["stop", "web"])).toMatchObject({ code: 0 });
    await web.stat("down");
    expect(secrets()).toBe(before);
    for (const name of names) expect(lstatSync(web.file("supervise", name)).isFile()).toBe(true);
    expect(await sv(rig, ["status", "web"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^down: web: /) });
  },
  { needs: twoUsers },
);

rigTest(
  "a link for down is no file that sv disable makes",
  ourSuites,
  async (rig) => {
    const web = rig.service("web");
    await hostileUser(rig, web.path, 'ln -s "$1" down');
    expect(await sv(rig, ["disable", "web"])).toMatchObject({ code: 0 });
    expect(rig.exists(rig.path("secret"))).toBe(false);
    expect(lstatSync(web.file("down")).isFile()).toBe(true);
    const db = rig.service("db");
    writeFileSync(rig.path("shared-down"), "kept");
    symlinkSync(rig.path("shared-down"), db.file("down"));
    expect(await sv(rig, ["disable", "db"])).toMatchObject({ code: 0 });
    expect(lstatSync(db.file("down")).isSymbolicLink()).toBe(true);
    expect(rig.read(rig.path("shared-down"))).toBe("kept");
  },
  { needs: twoUsers },
);
