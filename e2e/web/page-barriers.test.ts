/* What axe finds in the page of `upkeep web`, in all its states, dark and light, wide and narrow. */
import { expect } from "vitest";
import type { TestRig } from "../rig/core/test-rig.ts";
import { logRun, shell } from "../rig/runit/available.ts";
import { barriersOf, openPage, pageTest, WebServer } from "../rig/web/page.ts";

const waiting = shell("exec sleep 600");
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true } as const;
const looks = [{ colorScheme: "dark" }, { colorScheme: "light" }, phone] as const;

/** One of each state that needs a look, and one that is well. */
async function everyState(rig: TestRig): Promise<void> {
  const all = {
    db: { run: waiting },
    failed: { run: shell("exit 3"), files: { "restart-limit": "2 60", "restart-delay": "10" } },
    restarting: { run: shell("exit 3"), files: { "restart-delay": "60000" } },
    waiting: { run: waiting, files: { "dependencies.d/failed": "" } },
    web: {
      run: shell(`printf 'one \\033[33mtwo\\033[0m\\n'`, "exec sleep 600"),
      log: { run: logRun },
      files: { "dependencies.d/db": "" },
    },
  };
  for (const [name, spec] of Object.entries(all)) await rig.runsv(rig.service(name, spec));
  rig.service("unsupervised", { run: waiting });
  await rig.until("all states", async () => {
    const { stdout } = await rig.run("sv", ["list"]);
    return /^failed .* failed /m.test(stdout) && /^web +run /m.test(stdout);
  });
}

pageTest("has no barrier in any state of a service, in dialogs and in a service's page", async (rig) => {
  await everyState(rig);
  const server = await WebServer.start(rig, "--allow-control");
  const dialogs = [
    ["?", "Keys"],
    ["!", "More for db"],
    ["r", "Restart db?"],
    ["D", /^Stop \d services\?/],
  ] as const;
  for (const look of looks) {
    await using opened = await openPage(server, "", look);
    const { page } = opened;
    for (const word of ["failed", "restarting", "waiting", "unsupervised", "up"]) {
      await page.locator(".state", { hasText: word }).first().waitFor();
    }
    await page.keyboard.press("j");
    expect(await barriersOf(page)).toEqual([]);
    for (const [key, title] of look === phone ? dialogs.slice(3) : dialogs) {
      await page.keyboard.press(key);
      await page.getByRole("dialog", { name: title }).waitFor();
      expect(await barriersOf(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    for (const name of ["web", "failed"]) {
      await page.goto(`http://127.0.0.1:${server.port}/#/${name}`);
      await page.getByRole("heading", { level: 1, name }).waitFor();
      await page.getByRole("region", { name: "Settings" }).waitFor();
      await page.locator(".lines .line, .lines .nothing").first().waitFor();
      expect(await barriersOf(page)).toEqual([]);
    }
  }
});

pageTest("has none with two directories, with nothing to show, with a message, and without a server", async (rig) => {
  await rig.runsv(rig.service("web", { run: waiting }));
  const user = rig.path("user/service");
  await rig.runsv(rig.service("pulse", { run: waiting }, user));
  const server = await WebServer.start(rig, "--allow-control", user);
  for (const look of looks) {
    await using opened = await openPage(server, "", look);
    const { page } = opened;
    await rig.until("two rows", async () => (await page.locator(".row").count()) === 2);
    expect(await barriersOf(page)).toEqual([]);
    await page.getByRole("searchbox").fill("no such service");
    const nothing = page.locator(".nothing");
    await nothing.getByText("No service is found.").waitFor();
    // Where the rows would be, not at the end of the page.
    const place = await nothing.boundingBox();
    const table = await page.locator(".table").boundingBox();
    expect(place?.y).toBeGreaterThanOrEqual(table?.y ?? Infinity);
    expect(place?.y).toBeLessThan((table?.y ?? 0) + 40);
    expect(await barriersOf(page)).toEqual([]);
    await nothing.getByRole("button", { name: "Show all" }).click();
    await page.keyboard.press("j");
    await page.keyboard.press("u");
    await page.keyboard.press("r");
    await page.keyboard.press("y");
    await page.locator(".toast").waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await server.kill();
    await page.locator(".old").waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await server.start();
  }
});
