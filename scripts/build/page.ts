import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { rolldown } from "rolldown";

import { renderPalette } from "./palette.ts";
import { alsoOnDarkSystems } from "./themes.ts";

const web = "packages/web";
const source = join(web, "src/page");
/** The condition by which a build asks for the page: `#page` of packages/web is this module then. */
export const pageCondition = "page";
export const pageModule: string = join(web, "built/page.ts");

/** The browsers that the page is made for: those that have `Map.groupBy` and the popular ways of styles. */
const target = ["chrome117", "firefox119", "safari17.4"];

interface File {
  readonly type: string;
  readonly content: Buffer;
}

/** The files of the page by their names; `page.html` names the others. */
type Files = Readonly<Record<string, File>>;

/** The sheets in the order of their rules. */
const sheets = [
  "theme",
  "dark",
  "base",
  "controls",
  "screen",
  "dialogs",
  "tools",
  "table",
  "service",
  "timeline",
  "cards",
  "log",
];

/**
 * Bundles the page for browsers, and writes its files as a module of packages/web. Returns the files that went into it.
 */
export async function buildPage(): Promise<{ readonly bundled: ReadonlySet<string> }> {
  const find = createRequire(join(process.cwd(), web, "package.json"));
  const inter = find.resolve("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2");
  const mono = find.resolve("@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2");
  const uplot = find.resolve("uplot/dist/uPlot.min.css");
  const script = await bundleScript();
  const texts = [await readFile(uplot, "utf8"), ...(await Promise.all(sheets.map(readSheet)))];
  const files: Files = {
    "page.js": { type: "text/javascript; charset=utf-8", content: Buffer.from(script.code) },
    "page.css": { type: "text/css; charset=utf-8", content: Buffer.from([...texts, renderPalette()].join("\n")) },
    "inter.woff2": { type: "font/woff2", content: await readFile(inter) },
    "mono.woff2": { type: "font/woff2", content: await readFile(mono) },
    "icon.svg": { type: "image/svg+xml", content: await readFile(join(source, "icon.svg")) },
  };
  await mkdir(join(web, "built"), { recursive: true });
  await writeFile(pageModule, renderModule(files, await readFile(join(source, "index.html"), "utf8")));
  return { bundled: new Set([...script.modules, inter, mono, uplot]) };
}

async function readSheet(name: string): Promise<string> {
  const rules = await readFile(join(source, "styles", `${name}.css`), "utf8");
  return name === "dark" ? alsoOnDarkSystems(rules) : rules;
}

async function bundleScript(): Promise<{ readonly code: string; readonly modules: readonly string[] }> {
  await using build = await rolldown({
    input: join(source, "main.tsx"),
    platform: "browser",
    tsconfig: join(web, "tsconfig.page.json"),
    transform: { target },
    onwarn(warning) {
      throw new Error(`page: ${warning.message}`);
    },
  });
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false });
  const [chunk, ...others] = output;
  if (others.length > 0) throw new Error("page: one script was expected");
  return { code: chunk.code, modules: chunk.moduleIds.filter((id) => id.startsWith("/")) };
}

/** Names what may be kept for good after its content, in the page and in the sheets as well. */
function renderModule(files: Files, html: string): string {
  const assets: Record<string, unknown> = {};
  let page = html;
  const fonts = Object.entries(files).toSorted(
    ([one], [other]) => Number(one.endsWith(".css")) - Number(other.endsWith(".css")),
  );
  const names = new Map<string, string>();
  for (const [name, { type, content }] of fonts) {
    const own = name.endsWith(".css") ? Buffer.from(replaceNames(content.toString("utf8"), names)) : content;
    const hash = hashOf(own);
    const full = name.replace(".", `-${hash}.`);
    names.set(name, full);
    assets[`/${full}`] = { type, content: own.toString("base64"), hash, isImmutable: true };
  }
  page = replaceNames(page, names);
  const whole = Buffer.from(page);
  const root = {
    type: "text/html; charset=utf-8",
    content: whole.toString("base64"),
    hash: hashOf(whole),
    isImmutable: false,
  };
  return `import type { Assets } from "../src/core/asset.ts";

// Written by scripts/build/page.ts.
export const assets: Assets = ${JSON.stringify({ "/": root, ...assets }, null, 1)};
`;
}

function replaceNames(text: string, names: ReadonlyMap<string, string>): string {
  return [...names].reduce((rest, [name, full]) => rest.replaceAll(`"${name}"`, `"${full}"`), text);
}

function hashOf(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 12);
}
