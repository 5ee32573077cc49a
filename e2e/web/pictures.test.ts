/* The pictures of the page in docs/ show the page as it is: it is made anew, with the same services. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { pagePictures } from "../../scripts/pictures/page-pictures.ts";
import { makePageServices } from "../../scripts/pictures/page-services.ts";
import { pagesRecord, type PageRecord, takePicture, wordsShown } from "../../scripts/pictures/take-picture.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { openPage, pageTest, WebServer } from "../rig/web/page.ts";

/** In bytes; the documents are to be read over any line. */
const mostBytes = 100_000;

pageTest("the pictures of the page have its size and its words: npm run pictures makes them anew", async (rig) => {
  await makePageServices(rig.services);
  rig.start("runsvdir", [rig.services]);
  const server = await WebServer.start(rig, "--allow-control");
  const records = JSON.parse(readFileSync(join(repositoryRoot, pagesRecord), "utf8")) as Record<string, PageRecord>;
  expect(Object.keys(records)).toEqual(pagePictures.map(({ name }) => name));
  for (const { name, width, height, colours, service } of pagePictures) {
    const options = { viewport: { width, height }, colorScheme: colours };
    await using opened = await openPage(server, service === null ? "" : `#/${service}`, options);
    const { page, complaints } = opened;
    if (service === null) {
      await page.locator(".row", { hasText: "mail" }).locator(".state", { hasText: "failed" }).waitFor();
      await page.locator(".row", { hasText: "report" }).locator(".state", { hasText: "done" }).waitFor();
    } else {
      await page.getByRole("heading", { level: 1, name: `${service} ready` }).waitFor();
      await page.getByRole("region", { name: "Settings" }).waitFor();
    }
    const content = readFileSync(join(repositoryRoot, `docs/pictures/${name}.webp`));
    const record = records[name];
    expect([name, record?.sha256]).toEqual([name, createHash("sha256").update(content).digest("hex")]);
    expect(content.length).toBeLessThan(mostBytes);
    expect([name, await wordsShown(page)]).toEqual([name, record?.shows]);
    const now = await takePicture(page);
    expect(complaints).toEqual([]);
    // The page's own rules allow no such picture, so an empty page looks at it.
    await page.goto("about:blank");
    const sizeOf = async (picture: Buffer): Promise<unknown> =>
      await page.evaluate(`(async () => {
        const image = new Image();
        image.src = "data:image/webp;base64,${picture.toString("base64")}";
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      })()`);
    expect(await sizeOf(content)).toEqual([width, height]);
    expect(await sizeOf(now)).toEqual([width, height]);
  }
});
