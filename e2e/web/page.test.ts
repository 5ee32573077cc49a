/* The page of `upkeep web` in a real browser: all services, a service, its log, and what can be done to it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { TestRig } from "../rig/core/test-rig.ts";
import { shell } from "../rig/runit/available.ts";
import { LogDirectory } from "../rig/runit/log-directory.ts";
import { openPage, pageTest, WebServer } from "../rig/web/page.ts";

const waiting = shell("exec sleep 600");

/** A tree below runsvdir: one that is up, one that needs it, one that is down, one that has failed. */
async function tree(rig: TestRig): Promise<void> {
  rig.service("db", { run: waiting });
  rig.service("web", { run: waiting, files: { "dependencies.d/db": "", "timeout-kill": "5000" } });
  rig.service("cron", { run: waiting, files: { down: "" } });
  rig.service("mail", { run: shell("exit 3"), files: { "restart-limit": "2 60", "restart-delay": "10" } });
  rig.start("runsvdir", [rig.services]);
  await rig.until("the services", async () => {
    const { stdout } = await rig.run("sv", ["list"]);
    return /^mail .* failed /m.test(stdout) && /^db +run [^]*^web +run /m.test(stdout);
  });
}

pageTest(
  "lists, searches, sorts and selects services, and goes to one and back, with the mouse and with keys",
  async (rig) => {
    await tree(rig);
    const server = await WebServer.start(rig);
    await using opened = await openPage(server);
    const { page, complaints } = opened;
    const names = page.locator(".row .name a");
    expect(await names.allTextContents()).toEqual(["cron", "db", "mail", "web"]);
    const row = (name: string) => page.locator(".row", { has: page.getByRole("link", { name, exact: true }) });
    expect(await row("mail").locator(".state").textContent()).toBe("failed");
    expect(await row("mail").locator(".note").textContent()).toMatch(/^failed: 3 failures within 60 seconds; /);
    expect(await row("web").locator(".state").textContent()).toBe("up");
    await row("web")
      .locator(".usage.memory", { hasText: /\d[KM]$/ })
      .waitFor();
    expect(await page.locator(".chips").innerText()).toMatch(
      /all\s+4\s+trouble\s+1\s+changing\s+0\s+up\s+2\s+down\s+1/,
    );

    await page.getByRole("button", { name: "State" }).click();
    expect(await names.allTextContents()).toEqual(["mail", "db", "web", "cron"]);
    await page.keyboard.press("I");
    expect(await names.allTextContents()).toEqual(["cron", "web", "db", "mail"]);
    await page.getByRole("button", { name: /^trouble/ }).click();
    expect(await names.allTextContents()).toEqual(["mail"]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    await page.keyboard.type("B");
    expect(await names.allTextContents()).toEqual(["web", "db"]);
    await page.keyboard.press("Enter");
    await page.keyboard.press("j");
    expect(await page.locator(".row.selected .name a").textContent()).toBe("web");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: /^web/ }).waitFor();
    await page.keyboard.press("]");
    await page.getByRole("heading", { level: 1, name: /^db/ }).waitFor();
    await page.keyboard.press("Escape");
    await row("db").waitFor();

    await page.keyboard.press("?");
    expect(await page.getByRole("dialog").innerText()).toMatch(/open the service[^]*This server only shows/);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  },
);

pageTest("shows a service: its state in words, timeline, processes, dependencies and settings", async (rig) => {
  await tree(rig);
  const server = await WebServer.start(rig);
  await using opened = await openPage(server, "#/web");
  const { page, complaints } = opened;
  expect(await page.locator(".title .words").textContent()).toMatch(/^up for \d+s/);
  const card = (name: string) => page.getByRole("region", { name });
  await card("Processes").getByText("sleep 600").waitFor();
  expect(await card("Settings").innerText()).toMatch(/timeout-kill\s+5000/);
  const graph = card("Dependencies").getByRole("group", { name: "web needs db (up)" });
  await graph.getByRole("link", { name: "db: up" }).click();
  await page.getByRole("heading", { level: 1, name: /^db/ }).waitFor();
  await card("Dependencies").getByRole("group", { name: "db is needed by web (up)" }).waitFor();

  await page.goto(`http://127.0.0.1:${server.port}/#/mail`);
  await page.getByText(/^failed: 3 failures within 60 seconds; it stays down/).waitFor();
  await card("Last ends").getByText("exited 3").first().waitFor();
  expect(await card("Last ends").getByText("exited 3").count()).toBe(3);
  expect(await card("Timeline").getByRole("img").getAttribute("aria-label")).toMatch(/^3 starts, 3 failures/);
  await page.goto(`http://127.0.0.1:${server.port}/#/nothing`);
  await page.getByText("There is no service nothing here").waitFor();
  expect(complaints).toEqual([]);
});

/** Writes lines that a page must not obey; then 400 lines and, later, 100 more, as soon as a file says so. */
const counting = shell(
  `printf '<img src=x onerror=alert(1)><b>no tag</b>\\n\\033[1;31mred\\033[0m plain \\033]0;title\\007end\\n'`,
  "i=0",
  "for most in 400 500; do",
  "  while [ ! -e go-$most ]; do sleep 0.1; done",
  `  while [ $i -lt $most ]; do i=$((i + 1)); echo "line $i"; sleep 0.01; done`,
  "done",
  "exec sleep 600",
);

pageTest(
  "follows a log over rotations without a gap, shows colours and never obeys a line, filters, pauses and downloads",
  async (rig) => {
    const web = rig.service("web", {
      run: counting,
      log: { run: shell("mkdir -p main", "exec svlogd -tt main") },
    });
    mkdirSync(web.file("log/main"), { recursive: true });
    writeFileSync(web.file("log/main/config"), "s4096\nn40\n");
    await rig.runsv(web);
    const server = await WebServer.start(rig);
    await using opened = await openPage(server, "#/web");
    const { page, complaints } = opened;
    const lines = page.locator(".lines .line");
    await page.getByText("<img src=x onerror=alert(1)><b>no tag</b>").waitFor();
    expect(await page.locator(".lines img, .lines b").count()).toBe(0);
    expect(await page.locator(".lines .fg-1.ansi-bold").textContent()).toBe("red");
    expect(await lines.nth(1).locator(".text").textContent()).toBe("red plain end");

    writeFileSync(web.file("go-400"), "");
    await page.getByText("line 400", { exact: true }).waitFor();
    expect(new LogDirectory(web.file("log/main")).oldLogs().length).toBeGreaterThan(1);
    const texts = await lines.locator(".text").allTextContents();
    expect(texts.slice(2)).toEqual(Array.from({ length: 400 }, (_, index) => `line ${index + 1}`));

    await page.keyboard.press("p");
    writeFileSync(web.file("go-500"), "");
    await page.getByText("paused, 100 more have come").waitFor();
    expect(await lines.count()).toBe(402);
    await page.keyboard.press("/");
    await page.keyboard.type("/^line 1[05]$/");
    await rig.until("two lines", async () => (await lines.count()) === 2);
    expect(await page.locator(".lines .hit").allTextContents()).toEqual(["line 10", "line 15"]);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download what is shown" }).click();
    const file = rig.path("saved.log");
    await (await download).saveAs(file);
    expect((await download).suggestedFilename()).toBe("web.log");
    expect(rig.read(file)).toMatch(/^\S+Z line 10\n\S+Z line 15\n$/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("p");
    await rig.until("the lines that were held back", async () => (await lines.count()) === 502);
    expect(complaints).toEqual([]);
  },
);

pageTest(
  "restarts by the mouse and by keys, after a question; without --allow-control there is nothing to press",
  async (rig) => {
    const web = rig.service("web", { run: waiting });
    await rig.runsv(web);
    const server = await WebServer.start(rig, "--allow-control");
    await using opened = await openPage(server, "#/web");
    const { page, complaints } = opened;
    const pid = (): number => web.supervise.status().pid;
    const another = async (before: number): Promise<void> => {
      await rig.until("another process", () => pid() !== before && web.supervise.status().state === "run");
      await page.locator(".fact", { hasText: String(pid()) }).waitFor();
    };
    const first = pid();
    await page.getByRole("button", { name: "Restart", exact: true }).click();
    await page.getByRole("dialog", { name: "Restart web?" }).getByRole("button", { name: /^No/ }).click();
    await page.getByRole("button", { name: "Restart", exact: true }).click();
    expect(pid()).toBe(first);
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Restart/ })
      .click();
    await page.getByText("Restart was sent to web").waitFor();
    await another(first);

    await page.keyboard.press("Escape");
    await page.locator(".row").waitFor();
    const second = pid();
    await page.keyboard.press("j");
    await page.keyboard.press("r");
    await page.getByRole("dialog", { name: "Restart web?" }).waitFor();
    await page.keyboard.press("y");
    await rig.until("another process", () => pid() !== second && web.supervise.status().state === "run");
    await page.keyboard.press("d");
    await page.keyboard.press("y");
    await page.locator(".row.off .state", { hasText: "down" }).waitFor();
    await page.keyboard.press("u");
    await page.locator(".row.good .state", { hasText: "up" }).waitFor();
    await page.keyboard.press("!");
    await page.keyboard.press("p");
    await page.locator(".row.busy .state", { hasText: "paused" }).waitFor();
    expect(complaints).toEqual([]);

    await server.kill();
    const looking = await WebServer.start(rig);
    await using other = await openPage(looking, "#/web");
    await other.page.locator(".title .words").waitFor();
    expect(await other.page.getByRole("button", { name: /restart/i }).count()).toBe(0);
    await other.page.keyboard.press("r");
    expect(await other.page.getByRole("dialog").count()).toBe(0);
  },
);
