/* The page of `upkeep web` with several scan directories, and what can be done to all services that it shows. */
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { openPage, pageTest, WebServer } from "../rig/web/page.ts";

const waiting = shell("exec sleep 600");
const long = "a-service-with-a-name-that-is-much-too-long-for-its-column";

pageTest("stops, starts and restarts all services that are shown, after a question with their names", async (rig) => {
  const names = ["db", "web-1", "web-2"] as const;
  const [db, one, two] = names.map((name) => rig.service(name, { run: waiting }));
  const off = rig.service("web-off", { run: waiting, files: { down: "" } });
  const all = [db, one, two, off].filter((service) => service !== undefined);
  for (const service of all) await rig.runsv(service);
  const pids = (): readonly number[] => all.map(({ supervise }) => supervise.status().pid);
  await rig.until("three to run", () => pids().filter((pid) => pid > 0).length === 3);
  const server = await WebServer.start(rig, "--allow-control");
  await using opened = await openPage(server);
  const { page, complaints } = opened;
  const bulk = page.getByRole("group", { name: "All services that are shown" });
  await bulk.getByText("4 shown").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("web");
  await page.keyboard.press("Enter");
  await bulk.getByText("3 shown").waitFor();

  // Down because it is wanted down: a restart of all does not start it.
  const before = pids();
  await bulk.getByRole("button", { name: "Restart all that are shown" }).click();
  const question = page.getByRole("dialog", { name: "Restart 2 services?" });
  expect(await question.getByRole("group", { name: "Services that are meant" }).textContent()).toBe("web-1, web-2");
  await question.getByText("1 more of those that are shown").waitFor();
  await page.keyboard.press("n");
  await question.waitFor({ state: "detached" });
  expect(pids()).toEqual(before);
  await page.keyboard.press("R");
  await question.getByRole("button", { name: /^Restart/ }).click();
  await page.getByText("Restart was sent to 2 services").waitFor();
  await rig.until("two others", () => [1, 2].every((at) => (pids()[at] ?? 0) > 0 && pids()[at] !== before[at]));
  expect([pids()[0], pids()[3]]).toEqual([before[0], 0]);

  await page.keyboard.press("D");
  await page.keyboard.press("y");
  await page.getByText("Stop was sent to 2 services").waitFor();
  await rig.until("these two to be down", () => pids().filter((pid) => pid > 0).length === 1);
  await page.locator(".chips .off b", { hasText: "3" }).waitFor();
  await bulk.getByRole("button", { name: "Start all that are shown", exact: true }).click();
  await page.getByRole("dialog", { name: "Start 3 services?" }).waitFor();
  await page.keyboard.press("y");
  await rig.until("all to run", () => pids().every((pid) => pid > 0));
  expect(complaints).toEqual([]);

  await server.kill();
  const looking = await WebServer.start(rig);
  await using other = await openPage(looking);
  await other.page.locator(".row").first().waitFor();
  await other.page.keyboard.press("R");
  expect(await other.page.locator(".bulk, dialog").count()).toBe(0);
});

pageTest("tells services of two scan directories apart, and cuts no name without a title", async (rig) => {
  const here = rig.service("web", { run: waiting });
  const cut = rig.service(long, { run: waiting });
  const there = rig.service("pipewire-pulse", { run: waiting }, rig.path("user/service"));
  const same = rig.service("web", { run: waiting, files: { down: "" } }, rig.path("user/service"));
  for (const service of [here, cut, there, same]) await rig.runsv(service);
  const server = await WebServer.start(rig, "--allow-control", rig.path("user/service"));
  await using opened = await openPage(server);
  const { page, complaints } = opened;
  const names = page.locator(".row .name");
  await rig.until("four rows", async () => (await names.count()) === 4);
  expect((await names.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " ").trim())).toEqual([
    `${long} service-2`,
    "pipewire-pulse service",
    "web service",
    "web service-2",
  ]);
  const cuts = await names.locator("a").evaluateAll((all) => all.map((one) => one.scrollWidth > one.clientWidth));
  expect(cuts).toEqual([true, false, false, false]);
  const titles = await names.locator("a").evaluateAll((all) => all.map((one) => one.getAttribute("title")));
  expect(titles).toEqual([`service-2:${long}`, "service:pipewire-pulse", "service:web", "service-2:web"]);
  expect(await names.locator(".directory").last().getAttribute("title")).toBe(rig.services);

  await page.keyboard.press("/");
  await page.keyboard.type("service:");
  await rig.until("two rows", async () => (await names.count()) === 2);
  await page.keyboard.press("Enter");
  await page.keyboard.press("D");
  const question = page.getByRole("dialog", { name: "Stop 1 service?" });
  await question.getByText("service:pipewire-pulse", { exact: true }).waitFor();
  await page.keyboard.press("y");
  await rig.until("it to be down", () => there.supervise.status().state === "down");
  expect(here.supervise.status().state).toBe("run");
  await page.getByRole("link", { name: "web" }).click();
  await page.getByRole("heading", { level: 1, name: "web service" }).waitFor();
  expect(complaints).toEqual([]);
});
