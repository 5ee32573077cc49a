/* The page of `upkeep web` with 1000 services that all run, below one `runsvdir --inline`. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { TestRig } from "../rig/core/test-rig.ts";
import { waitLimit } from "../rig/core/until.ts";
import { shell } from "../rig/runit/available.ts";
import { openPage, pageTest, WebServer } from "../rig/web/page.ts";

const number = 1000;
/** Each of them is a process, so they take as long to start as the machine allows. */
const patience = 3 * waitLimit;

/** What the page tells of a change, when it is on the screen. */
interface Paint {
  /** From the event to the screen, in ms. */
  readonly millis: number;
  readonly kind: string;
  /** How many services the event told of. */
  readonly count: number;
}

const observePaints = `
  globalThis.paints = [];
  new PerformanceObserver((list) => {
    for (const { name, duration, detail } of list.getEntries()) {
      if (name === "upkeep-paint") globalThis.paints.push({ millis: duration, ...detail });
    }
  }).observe({ type: "measure" });
`;

async function takePaints(page: Page): Promise<readonly Paint[]> {
  return await page.evaluate<readonly Paint[]>("globalThis.paints.splice(0)");
}

/** The figures of docs/performance.md come from here; no test asserts a time. */
function print(what: string, paints: readonly Paint[]): void {
  const sorted = paints.map(({ millis }) => Math.round(millis)).toSorted((one, other) => one - other);
  const most = Math.max(...paints.map(({ count }) => count));
  const longest = paints
    .filter(({ count }) => count > number / 4)
    .map(({ millis, count }) => `${count}: ${Math.round(millis)}`);
  console.log(
    `1000 services, ${what}: ${sorted.length} changes of up to ${most} services, painted in ms: ${sorted.join(" ")}` +
      (longest.length === 0 ? "" : `; with more than ${number / 4} services: ${longest.join(", ")}`),
  );
}

function isUp(rig: TestRig, name: string): boolean {
  return rig.read(rig.path("service", name, "supervise/stat")) === "run\n";
}

/** How many services are in a mood, as the chips above the table say. */
async function waitForCount(rig: TestRig, page: Page, chip: string, count: number): Promise<void> {
  const text = page.getByRole("group", { name: "Only services that are" }).locator(`.${chip} b`);
  await rig.until(
    `${count} services to be ${chip}`,
    async () => (await text.textContent()) === String(count),
    patience,
  );
}

pageTest(
  "shows 1000 services that run, draws those that can be seen, paints a change of one and of all",
  async (rig) => {
    for (let at = 1; at < number; at += 1) {
      const path = rig.path("service", `idle-${String(at).padStart(4, "0")}`);
      mkdirSync(path, { recursive: true });
      writeFileSync(`${path}/run`, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
    }
    const last = rig.service("zebra", { run: shell("exec sleep 600") });
    rig.start("runsvdir", ["--inline", rig.services]);
    await rig.until("the last one", () => last.supervise.isSupervised(), patience);
    const server = await WebServer.start(rig, "--allow-control");
    await using opened = await openPage(server);
    const { page, complaints } = opened;
    await waitForCount(rig, page, "good", number);
    const answer = await page.request.get(`http://127.0.0.1:${server.port}/api/v1/services`);
    const { services } = (await answer.json()) as { services: readonly { readonly pid: number | null }[] };
    expect(new Set(services.map(({ pid }) => pid).filter((pid) => pid !== null && pid > 1)).size).toBe(number);

    const rows = page.locator(".row");
    expect(await rows.count()).toBeLessThan(60);
    expect(await rows.first().locator(".name").textContent()).toBe("idle-0001");
    await page.keyboard.press("G");
    await page.locator(".row.selected", { hasText: "zebra" }).waitFor();
    expect(await rows.count()).toBeLessThan(60);
    await page.evaluate(observePaints);
    for (const [key, state] of [
      ["d", "down"],
      ["u", "up"],
      ["d", "down"],
      ["u", "up"],
    ] as const) {
      await page.keyboard.press(key);
      if (key === "d") await page.keyboard.press("y");
      await page.locator(".row.selected .state", { hasText: state }).waitFor();
    }
    const single = await rig.until("measured changes", async () => {
      const found = (await takePaints(page)).filter(({ kind }) => kind === "change");
      return found.length >= 1 && found;
    });
    print("one changes", single);

    await page.getByRole("columnheader", { name: "State" }).getByRole("button").click();
    await page.keyboard.press("D");
    const question = page.getByRole("dialog", { name: "Stop 1000 services?" });
    expect(await question.innerText()).toMatch(/idle-0001, .* and 960 more/);
    await takePaints(page);
    await page.keyboard.press("y");
    await waitForCount(rig, page, "off", number);
    await page.getByText("Stop was sent to 1000 services").waitFor({ timeout: patience });
    print(
      "all are stopped, sorted by their state",
      (await takePaints(page)).filter(({ kind }) => kind === "change"),
    );

    await page.keyboard.press("/");
    await page.keyboard.type("0777");
    await rig.until("one row", async () => (await rows.count()) === 1);
    await page.keyboard.press("Escape");
    await rig.until("all rows again", async () => (await rows.count()) > 1);
    expect(complaints).toEqual([]);

    // All at once: what has changed while the page had no server comes as one event.
    await server.kill();
    await page.locator(".old").waitFor();
    const names = readdirSync(rig.services).filter((name) => !name.startsWith("."));
    await rig.run("sv", ["up", ...names]);
    await rig.until("all to run", () => names.every((name) => isUp(rig, name)), patience);
    await takePaints(page);
    await server.start();
    await waitForCount(rig, page, "good", number);
    const whole = await rig.until("the whole state", async () => {
      const found = (await takePaints(page)).filter(({ kind }) => kind === "state");
      return found.length > 0 && found;
    });
    expect(whole[0]?.count).toBe(number);
    print("all have changed, sorted by their state", whole);
  },
);
