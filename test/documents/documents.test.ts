import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, test } from "vitest";

import { pagePictures } from "../../scripts/pictures/page-pictures.ts";
import { pictures } from "../../scripts/pictures/pictures.ts";

/** What a terminal and a web page show on one line. */
const widest = 140;

const pages = globSync(["*.md", "docs/*.md", "e2e/**/*.md"], { exclude: ["**/node_modules/**"] }).toSorted();
const tests = globSync(["{packages,e2e,test}/**/*.test.ts"], { exclude: ["**/node_modules/**"] });

/** A page without its blocks of code, in which `#` and brackets mean something else. */
function proseOf(page: string): string {
  return readFileSync(page, "utf8").replaceAll(/^```[^]*?^```$/gm, "");
}

/** The anchors of the headings of a page, as GitHub and others make them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Whether a link within the repository leads to a file, and to a heading if it names one. */
function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor = ""] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  return existsSync(target) && (anchor === "" || anchorsOf(target).has(anchor));
}

describe.each(pages)("%s", (page) => {
  test("has links that lead to files and headings", () => {
    const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    const dead = links.filter((link) => !/^https?:/.test(link) && !leadsSomewhere(page, link));
    expect(dead).toEqual([]);
  });

  test("cites tests that exist", () => {
    const cited = [...proseOf(page).matchAll(/[\w/.-]+\.test\b/g)].map(([name]) => name);
    expect(cited.filter((name) => !tests.some((path) => `/${path}`.endsWith(`/${name}.ts`)))).toEqual([]);
  });

  test("fits on a terminal", () => {
    const lines = readFileSync(page, "utf8").split("\n");
    // A table of measurements has a column for each contender.
    const mayBeWide = (line: string): boolean =>
      line.includes("https://") || (page === "docs/performance.md" && line.startsWith("|"));
    expect(lines.filter((line) => line.length > widest && !mayBeWide(line))).toEqual([]);
  });
});

test("the names in the glossary are names in the code", () => {
  const code = globSync("packages/*/src/**/*.ts")
    .map((path) => `${path}\n${readFileSync(path, "utf8")}`)
    .join("\n");
  const glossary = readFileSync("CONTRIBUTING.md", "utf8").split("\n## Glossary\n")[1] ?? "";
  const names = [...glossary.matchAll(/^- _[^(:]+\(([^)]*)\)/gm)]
    .flatMap(([, list = ""]) => [...list.matchAll(/`([^`]+)`/g)])
    .map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !code.includes(name))).toEqual([]);
});

test("the pictures in the documents are those that npm run pictures draws", () => {
  const shown = pages.flatMap((page) => [...proseOf(page).matchAll(/!\[[^\]]*\]\([^)]*pictures\/([\w-]+\.\w+)\)/g)]);
  const files = globSync("docs/pictures/*").map((path) => path.replace(/.*\//, ""));
  const drawn = [...pictures.map(({ name }) => `${name}.svg`), ...pagePictures.map(({ name }) => `${name}.webp`)];
  expect(new Set(shown.map(([, name]) => name))).toEqual(new Set(drawn));
  expect(new Set(files)).toEqual(new Set([...drawn, "pages.json"]));
});

/** What a merge leaves in a file until somebody has decided. Code with it would not build; a text is found by this only. */
const undecided = /^(<{7}|>{7}) /m;

test("no text holds a merge that was never decided", () => {
  const texts = globSync(["*.md", "docs/**/*.md", "man/*", "examples/**/README*", "e2e/**/*.md", ".ci/*"], {
    exclude: ["**/node_modules/**"],
  });
  expect(texts.filter((path) => undecided.test(readFileSync(path, "utf8")))).toEqual([]);
});
