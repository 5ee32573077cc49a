/* The behaviours of phusion's base image: each is kept or differs for a reason, and a test shows which. */
import { expect, test } from "vitest";
import { type Behaviour, behaviours, hasTitle } from "../rig/container/phusion-behaviours.ts";

const all = Object.values(behaviours).flat();

test("every behaviour of phusion's image is kept or has a reason, and every test that shows it exists", () => {
  const missing = all.flatMap(({ by }) => by.filter(({ file, title }) => !hasTitle(file, title)));
  expect(missing).toEqual([]);
  for (const { sentence, verdict, because, by } of all) {
    expect(because === "", sentence).toBe(verdict === "kept");
    expect(by.length === 0, sentence).toBe(verdict === "absent");
  }
  console.log(render());
});

/** The table, by subject. */
function render(): string {
  const lines = Object.entries(behaviours).flatMap(([subject, rows]) => ["", `${subject}:`, ...rows.map(renderRow)]);
  const count = (verdict: Behaviour["verdict"]): number => all.filter((one) => one.verdict === verdict).length;
  const sum = `${count("kept")} kept, ${count("mended")} mended, ${count("absent")} not there`;
  return ["phusion's base image", ...lines, "", sum].join("\n");
}

function renderRow({ sentence, verdict, because, by }: Behaviour): string {
  const word = verdict === "absent" ? "not there" : verdict;
  const files = [...new Set(by.map(({ file }) => file.replace(/^.*\/(.*)\.test\.ts$/, "$1")))];
  const reason = because === "" ? "" : `; ${because}`;
  return `  ${word.padEnd(9)} ${sentence}${reason}${files.length === 0 ? "" : ` (${files.join(", ")})`}`;
}
