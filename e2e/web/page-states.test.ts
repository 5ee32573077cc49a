/* The page of `upkeep web` when the server is away, in all looks, and on a telephone. */
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
  // The words of the lengths stay on one line in their box.
  const lengths = page.getByRole("group", { name: "Time that is shown" });
  const heights = await lengths
    .getByRole("button")
    .evaluateAll((all) => all.map((one) => one.scrollHeight - one.clientHeight));
  expect(heights).toEqual(heights.map(() => 0));
  await page.getByRole("button", { name: "Restart", exact: true }).tap();
  await page
    .getByRole("dialog", { name: "Restart web?" })
    .getByRole("button", { name: /^Restart/ })
    .tap();
  await page.getByText("Restart was sent to web").waitFor();
  await page.getByRole("link", { name: "All services" }).tap();
  await page.getByRole("link", { name: "db" }).waitFor();

  // The heads of the columns have no room: a list has their orders. Whoever has no keys is told of none.
  const names = page.locator(".row .name a");
  await page.getByLabel("Order of the services").selectOption("by memory");
  await page.getByLabel("Order of the services").selectOption("by name");
  await rig.until("the order by name", async () => (await names.allTextContents()).join(" ") === "db web");
  await page.getByRole("button", { name: "The other way round" }).tap();
  await rig.until("the other order", async () => (await names.allTextContents()).join(" ") === "web db");
  expect(await page.getByRole("button", { name: "Keys" }).count()).toBe(0);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).locator("kbd", { hasText: "/" }).waitFor();
  expect(complaints).toEqual([]);
});
