/* Parts of the page of `upkeep web`: tools of the log, curves and charts, the tree of processes, and what it refuses. */
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { openPage, pageTest, WebServer } from "../rig/web/page.ts";

const waiting = shell("exec sleep 600");

pageTest("wraps, hides times, copies, says why there is nothing, and hands out the whole log", async (rig) => {
  const wide = "x".repeat(600);
  const web = rig.service("web", {
    run: shell(`printf 'one\\n\\033[32mtwo\\033[0m\\n${wide}\\n'`, "exec sleep 600"),
    log: { run: shell("mkdir -p main", "exec svlogd -tt main") },
  });
  const bare = rig.service("bare", { run: waiting });
  for (const service of [web, bare]) await rig.runsv(service);
  const server = await WebServer.start(rig);
  await using opened = await openPage(server, "#/web", { permissions: ["clipboard-read", "clipboard-write"] });
  const { page, complaints } = opened;
  const lines = page.locator(".lines .line");
  await rig.until("three lines", async () => (await lines.count()) === 3);
  const isWider = async (): Promise<boolean> =>
    await page.locator(".lines").evaluate((box) => box.scrollWidth > box.clientWidth);
  expect(await isWider()).toBe(false);
  await page.getByRole("button", { name: "Wrap long lines" }).click();
  expect(await isWider()).toBe(true);
  expect(await lines.first().locator("time").isVisible()).toBe(true);
  await page.getByRole("button", { name: "Show times" }).click();
  expect(await lines.first().locator("time").isVisible()).toBe(false);
  await page.reload();
  await lines.first().waitFor();
  expect([await isWider(), await lines.first().locator("time").isVisible()]).toEqual([true, false]);

  await page.keyboard.press("/");
  await page.keyboard.type("/^(one|two)$/");
  await page.getByText("2 of 3 lines").waitFor();
  await page.getByRole("button", { name: "Copy what is shown" }).click();
  await page.getByText("2 lines were copied").waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toMatch(/^\S+Z one\n\S+Z two\n$/);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "all", exact: true }).click();
  const file = rig.path("whole.log");
  await (await download).saveAs(file);
  expect(rig.read(file)).toBe(`one\n\u001B[32mtwo\u001B[0m\n${wide}\n`);

  await page.getByPlaceholder("Filter, or /regex/").fill("/(/");
  await page.getByText(/^All lines are shown: .*regular expression/i).waitFor();
  expect(await lines.count()).toBe(3);
  await page.getByPlaceholder("Filter, or /regex/").fill("not there");
  await page.getByText("No line has not there.").waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await rig.until("all lines again", async () => (await lines.count()) === 3);
  await page.goto(`http://127.0.0.1:${server.port}/#/bare`);
  const nothing = page.locator(".lines .nothing");
  await nothing.getByText(/no log found/).waitFor();
  expect(await nothing.innerText()).toMatch(/exec 2>&1[^]*flag-keep-stderr[^]*log-prefix/);
  expect(complaints).toEqual([]);
});

/** Keeps what is written on canvases: where each text begins and ends, and how wide its canvas is. */
const watchCanvas = `
  globalThis.written = [];
  const fill = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
    const { width } = this.measureText(text);
    const { e: shift } = this.getTransform();
    const from = { left: 0, start: 0, center: width / 2, right: width, end: width }[this.textAlign];
    globalThis.written.push({ text, left: x + shift - from, right: x + shift - from + width, width: this.canvas.width });
    return fill.call(this, text, x, y, ...rest);
  };
`;

interface Written {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly width: number;
}

pageTest("draws curves and charts of what is used, with whole labels, and the processes as a tree", async (rig) => {
  const busy = ["while :; do", "  i=0", "  while [ $i -lt 2000 ]; do i=$((i + 1)); done", "  sleep 0.05", "done"];
  const web = rig.service("web", { run: shell("sleep 601 &", "(sleep 602 & exec sleep 603) &", ...busy) });
  await rig.runsv(web);
  const server = await WebServer.start(rig);
  await using opened = await openPage(server);
  const { page, complaints } = opened;
  await page.addInitScript(watchCanvas);
  await page.reload();
  for (const kind of ["cpu", "memory"]) {
    const line = page.locator(`.row .curve.${kind} .line`);
    await rig.until(`a curve of ${kind}`, async () => {
      const drawn = await line.evaluateAll((all) => all.map((one) => one.getAttribute("d") ?? ""));
      return /^M.*L/.test(drawn[0] ?? "") || /^M\S+ \S+[A-Z]/.test(drawn[0] ?? "");
    });
  }
  await page.getByRole("link", { name: "web" }).click();
  const tree = page.getByRole("region", { name: "Processes" });
  await tree.getByText("sleep 602").waitFor();
  // Its parent, 603, is a child of ./run as 601 is.
  const branch = async (command: string): Promise<string> =>
    (await tree.locator("td.command", { hasText: command }).locator(".branch").textContent()) ?? "";
  expect([await branch("./run"), await branch("sleep 601"), await branch("sleep 603")]).toEqual([
    "",
    expect.stringMatching(/^[├└]/),
    expect.stringMatching(/^[├└]/),
  ]);
  expect(await branch("sleep 602")).toMatch(/^.+[├└]/);

  await rig.until("charts with a shape", async () => {
    return await page.evaluate<boolean>(`[...document.querySelectorAll(".chart canvas")].length === 2
      && [...document.querySelectorAll(".chart canvas")].every((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value, at) => at % 4 === 3 && value > 200);
      })`);
  });
  const written = await rig.until("times below the charts", async () => {
    const all = await page.evaluate<readonly Written[]>("globalThis.written");
    return all.some(({ text }) => /\d\d:\d\d/.test(text)) && all;
  });
  const times = written.filter(({ text }) => /\d\d:\d\d/.test(text));
  expect(times.filter(({ left, right, width }) => left < 0 || right > width)).toEqual([]);
  expect(
    times.filter(({ text, left }, at) => text === times[at + 1]?.text && left < (times[at + 1]?.left ?? 0)),
  ).toEqual([]);
  expect(complaints).toEqual([]);
});

pageTest("runs no script that is not its own, wherever one gets into it", async (rig) => {
  await rig.runsv(rig.service("web", { run: waiting }));
  const server = await WebServer.start(rig);
  await using opened = await openPage(server);
  const { page, complaints } = opened;
  await page.locator(".row").waitFor();
  // What an attacker could put there, if anything let them; a debugger's own code is not refused, so it only inserts.
  await page.evaluate(`
    globalThis.ran = [];
    const script = document.createElement("script");
    script.textContent = "globalThis.ran.push('inline')";
    document.body.append(script);
    const place = document.createElement("div");
    place.innerHTML = "<img src='data:,' onerror=\\"globalThis.ran.push('handler')\\">";
    document.body.append(place);
    const other = document.createElement("script");
    other.src = "data:text/javascript,globalThis.ran.push('data')";
    document.body.append(other);
  `);
  await rig.until(
    "three refusals",
    () => complaints.filter((one) => one.includes("Content Security Policy")).length >= 3,
  );
  expect(await page.evaluate("globalThis.ran")).toEqual([]);
});

pageTest("says in the table why a service comes back again and again, and that a log service fails", async (rig) => {
  const spin = rig.service("spin", { run: shell("exit 3"), files: { "restart-delay": "2000" } });
  const deaf = rig.service("deaf", { run: waiting, log: { run: shell("exit 1") } });
  for (const service of [spin, deaf]) await rig.runsv(service);
  const server = await WebServer.start(rig);
  await using opened = await openPage(server);
  const { page, complaints } = opened;
  const note = (name: string) => page.locator(".row", { hasText: name }).locator(".note");
  await note("spin")
    .filter({ hasText: /exited 3 (twice|\w+ times) in a minute/ })
    .waitFor();
  const row = page.locator(".row.bad", { hasText: "deaf" });
  await row.locator(".state", { hasText: "log fails" }).waitFor();
  await note("deaf")
    .filter({ hasText: /; log\/run: .*exited 1/ })
    .waitFor();
  await page.getByRole("button", { name: /^trouble 1/ }).click();
  expect(await page.locator(".row .name a").allTextContents()).toEqual(["deaf"]);
  await page.getByRole("link", { name: "deaf" }).click();
  await page.locator(".fact.bad dt", { hasText: "Log" }).waitFor();
  expect(await page.title()).toMatch(/^1 in trouble · deaf · /);
  expect(complaints).toEqual([]);
});
