/* The page of `upkeep web` when the server is away, with very many services, in all looks, and for everybody. */
import { mkdirSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { TestRig } from "../rig/core/test-rig.ts";
import { logRun, shell } from "../rig/runit/available.ts";
import { barriersOf, openPage, pageTest, WebServer } from "../rig/web/page.ts";

const waiting = shell("exec sleep 600");
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true } as const;

async function twoServices(rig: TestRig): Promise<void> {
  const db = rig.service("db", { run: waiting });
  const web = rig.service("web", {
    run: shell(`printf 'one \\033[33mtwo\\033[0m\\n'`, "exec sleep 600"),
    log: { run: logRun },
    files: { "dependencies.d/db": "" },
  });
  for (const service of [db, web]) await rig.runsv(service);
  await rig.until("web to run", () => web.supervise.status().state === "run");
}

pageTest("says that what it shows is old while the server is away, and goes on when it is back", async (rig) => {
  await twoServices(rig);
  const server = await WebServer.start(rig);
  await using opened = await openPage(server);
  const { page } = opened;
  await page.locator(".row").first().waitFor();
  await server.kill();
  await page.getByText(/^Not connected \(.*\): what you see is \d+s old\. Next try /).waitFor();
  expect(await page.locator(".row").count()).toBe(2);
  expect(await page.locator(".screen.is-old").count()).toBe(1);
  rig.service("late", { run: waiting });
  await server.start();
  const now = page.getByRole("button", { name: "Try now" });
  if (await now.isVisible()) await now.click().catch(() => undefined);
  await page.locator(".signal.live").waitFor();
  await page.getByRole("link", { name: "late" }).waitFor();
  expect(await page.locator(".old").count()).toBe(0);
});

pageTest("asks for the token, says that one is wrong, and keeps the right one out of the address", async (rig) => {
  await twoServices(rig);
  const server = await WebServer.start(rig);
  await using opened = await openPage(server, "", { isSignedIn: false });
  const { page } = opened;
  const dialog = page.getByRole("dialog", { name: "This server wants a token" });
  expect(await page.locator(".row").count()).toBe(0);
  await dialog.getByLabel("Token").fill("quite another token");
  await page.keyboard.press("Enter");
  await dialog.getByText("the token is wrong").waitFor();
  expect(await barriersOf(page)).toEqual([]);
  await dialog.getByLabel("Token").fill(WebServer.token);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await page.locator(".row").first().waitFor();
  await using again = await openPage(server);
  expect(again.page.url()).not.toContain(WebServer.token);
  await again.page.reload();
  await again.page.locator(".row").first().waitFor();
  expect(again.complaints).toEqual([]);
});

/** Has the browser keep how long changes took until they were on the screen, in ms: the page tells it. */
const observePaints = `
  globalThis.paints = [];
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === "upkeep-paint") globalThis.paints.push(duration);
  }).observe({ type: "measure" });
`;

pageTest("shows 1000 services, draws only those that can be seen, and paints a change", async (rig) => {
  for (let at = 0; at < 999; at += 1) {
    const path = rig.path("service", `idle-${String(at).padStart(4, "0")}`);
    mkdirSync(path, { recursive: true });
    writeFileSync(`${path}/run`, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
  }
  const last = rig.service("zebra", { run: waiting });
  await rig.runsv(last);
  const server = await WebServer.start(rig, "--allow-control");
  await using opened = await openPage(server);
  const { page, complaints } = opened;
  await page.locator(".chips", { hasText: "1000" }).waitFor();
  const rows = page.locator(".row");
  expect(await rows.count()).toBeLessThan(60);
  expect(await rows.first().locator(".name").textContent()).toBe("idle-0000");
  await page.keyboard.press("G");
  await page.locator(".row.selected", { hasText: "zebra" }).waitFor();
  expect(await rows.count()).toBeLessThan(60);
  await page.evaluate(observePaints);
  for (const [key, state] of [
    ["d", "down"],
    ["u", "up"],
    ["d", "down"],
  ] as const) {
    await page.keyboard.press(key);
    if (key === "d") await page.keyboard.press("y");
    await page.locator(".row.selected .state", { hasText: state }).waitFor();
  }
  await page.keyboard.press("/");
  await page.keyboard.type("0777");
  await rig.until("one row", async () => (await rows.count()) === 1);
  await page.keyboard.press("Escape");
  const paints = await rig.until("measured changes", async () => {
    const found = await page.evaluate<readonly number[]>("globalThis.paints");
    return found.length >= 3 && found;
  });
  // The figures of docs/performance.md come from here; no test asserts a time.
  const sorted = paints.toSorted((one, other) => one - other).map((millis) => Math.round(millis));
  console.log(`1000 services: ${paints.length} changes painted, in ms: ${sorted.join(" ")}`);
  expect(complaints).toEqual([]);
});

pageTest("is dark or light as the system or a switch says, and remembers that", async (rig) => {
  await twoServices(rig);
  const server = await WebServer.start(rig);
  await using opened = await openPage(server, "", { colorScheme: "dark" });
  const { page, complaints } = opened;
  const ground = async (): Promise<number> => {
    const colour = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    return Number(/\d+/.exec(colour)?.[0]);
  };
  expect(await ground()).toBeLessThan(60);
  await page.emulateMedia({ colorScheme: "light" });
  expect(await ground()).toBeGreaterThan(200);
  await page.keyboard.press("t");
  expect(await ground()).toBeLessThan(60);
  await page.reload();
  await page.locator(".row").first().waitFor();
  expect(await ground()).toBeLessThan(60);
  await page.getByRole("button", { name: "Colours: dark" }).click();
  expect(await ground()).toBeGreaterThan(200);
  expect(complaints).toEqual([]);
});

pageTest("fits on a telephone 390 pixels wide, and can be used there", async (rig) => {
  await twoServices(rig);
  const server = await WebServer.start(rig, "--allow-control");
  await using opened = await openPage(server, "", phone);
  const { page, complaints } = opened;
  const overflow = async (): Promise<number> =>
    await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  await page.locator(".row").first().waitFor();
  expect(await overflow()).toBe(0);
  await page.getByRole("link", { name: "web" }).tap();
  await page.locator(".lines .line").first().waitFor();
  expect(await overflow()).toBe(0);
  await page.getByRole("button", { name: "Restart", exact: true }).tap();
  await page
    .getByRole("dialog", { name: "Restart web?" })
    .getByRole("button", { name: /^Restart/ })
    .tap();
  await page.getByText("Restart was sent to web").waitFor();
  await page.getByRole("link", { name: "All services" }).tap();
  await page.getByRole("link", { name: "db" }).waitFor();
  expect(complaints).toEqual([]);
});

pageTest("has no barrier that axe finds: table, service and dialogs, dark and light, wide and narrow", async (rig) => {
  await twoServices(rig);
  const server = await WebServer.start(rig, "--allow-control");
  const dialogs = [
    ["?", "Keys"],
    ["!", "More for db"],
    ["r", "Restart db?"],
  ] as const;
  for (const [options, opening] of [
    [{ colorScheme: "dark" }, dialogs],
    [{ colorScheme: "light" }, []],
    [phone, dialogs.slice(0, 1)],
  ] as const) {
    await using opened = await openPage(server, "", options);
    const { page } = opened;
    await page.locator(".row").first().waitFor();
    await page.keyboard.press("j");
    expect(await barriersOf(page)).toEqual([]);
    for (const [key, title] of opening) {
      await page.keyboard.press(key);
      await page.getByRole("dialog", { name: title }).waitFor();
      expect(await barriersOf(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.goto(`http://127.0.0.1:${server.port}/#/web`);
    await page.locator(".lines .line").first().waitFor();
    await page.getByRole("region", { name: "Settings" }).waitFor();
    expect(await barriersOf(page)).toEqual([]);
  }
});
