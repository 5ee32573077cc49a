import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { execa } from "execa";
import { type Browser, chromium, type Page } from "playwright-core";

import { progress } from "../progress.ts";
import { type PagePicture, pagePictures } from "./page-pictures.ts";
import { makePageServices } from "./page-services.ts";
import { pagesRecord, type PageRecord, recordOf, takePicture } from "./take-picture.ts";

const port = 8917;
/** Curves need time to have a shape, in ms. */
const patience = 130_000;

/** Draws docs/pictures/web*.webp, and writes what they show into docs/pictures/pages.json, from the page in Chromium. */
export async function drawPages(bin: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "pictures-"));
  const scan = join(home, "service");
  await makePageServices(scan);
  const token = join(home, "token");
  await writeFile(token, "pictures-of-the-page\n", { mode: 0o600 });
  const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
  const runsvdir = execa(join(bin, "runsvdir"), [scan], { env, reject: false, stdio: "ignore" });
  const words = ["--allow-control", "--listen", `127.0.0.1:${port}`, "--token-file", token, scan];
  const server = execa(join(bin, "upkeep-web"), words, { env, reject: false, stdio: "ignore" });
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    await takeAll(browser, scan);
  } finally {
    await browser.close();
    server.kill();
    runsvdir.kill("SIGHUP");
    await Promise.all([server, runsvdir]);
    await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

async function takeAll(browser: Browser, scan: string): Promise<void> {
  await sleep(2000);
  const pages = await Promise.all(pagePictures.map(async (picture) => await open(browser, picture)));
  progress("Waiting for the curves of the page ...");
  await sleep(patience);
  const records: Record<string, PageRecord> = {};
  for (const [index, { name }] of pagePictures.entries()) {
    progress(`Drawing ${name} ...`);
    const page = pages[index];
    if (page === undefined) continue;
    // Where the services are is of no interest.
    await page.evaluate(
      `for (const place of document.querySelectorAll(".where, .fact.wide dd")) {
        place.textContent = place.textContent.replaceAll(${JSON.stringify(scan)}, "/etc/service");
      }`,
    );
    const content = await takePicture(page);
    await writeFile(`docs/pictures/${name}.webp`, content);
    records[name] = await recordOf(page, content);
  }
  await writeFile(pagesRecord, `${JSON.stringify(records, null, 2)}\n`);
}

async function open(browser: Browser, { width, height, colours, service }: PagePicture): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: colours });
  await page.goto(`http://127.0.0.1:${port}/#token=pictures-of-the-page`);
  await page.locator(".signal.live").waitFor();
  if (service !== null) await page.goto(`http://127.0.0.1:${port}/#/${service}`);
  return page;
}
