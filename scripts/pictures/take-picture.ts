import { createHash } from "node:crypto";

import type { Page } from "playwright-core";

/** What is known of the pictures of the page, by their names; a test makes it anew. */
export const pagesRecord = "docs/pictures/pages.json";

/** What is known of a picture. */
export interface PageRecord {
  /** Of the file. */
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  /** Words that the page shows, without what changes from one moment to the next. */
  readonly shows: readonly string[];
}

/** Percent. Letters stay sharp, and the largest picture takes less than 100 KB. */
const quality = 75;

/** A picture of what the window shows, as WebP. */
export async function takePicture(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality });
  await session.detach();
  return Buffer.from(data, "base64");
}

export async function recordOf(page: Page, content: Buffer): Promise<PageRecord> {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { sha256, ...(page.viewportSize() ?? { width: 0, height: 0 }), shows: await wordsShown(page) };
}

const places =
  "h1, h2, .bar button, .tools input, .tools dt, .chips button, .bulk button, .head .cell, .row .name, .title button, " +
  ".fact dt, .segments button, .log-tools button, .log-tools input";

/** Words of headings, names, buttons and fields that can be seen, in their order. */
export async function wordsShown(page: Page): Promise<readonly string[]> {
  return await page.evaluate<readonly string[]>(`
    [...document.querySelectorAll(${JSON.stringify(places)})]
      .filter((one) => one.checkVisibility())
      .map((one) => one.getAttribute("aria-label") ?? one.getAttribute("placeholder") ?? one.innerText)
      .map((text) => text.replaceAll(/[\\d↓↑]/g, "").replaceAll(/\\s+/g, " ").trim())
      .filter((text) => text !== "")
  `);
}
