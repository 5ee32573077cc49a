import { dirname, resolve } from "node:path";

import type { Imported } from "../core/model.ts";
import { importPm2 } from "../core/pm2/pm2.ts";
import { readScript } from "../core/tree/read-script.ts";
import { evaluate } from "./evaluate.ts";
import type { Source } from "./source-file.ts";

/** Reads an ecosystem file. It is run only if that is allowed, and if it is no literal. */
export function readPm2({ file, text }: Source, mayEvaluate: boolean): Imported {
  const directory = resolve(dirname(file));
  const tree = readScript(text, file.endsWith(".json"));
  if ("kind" in tree) return importPm2(tree, file, directory);
  if (!mayEvaluate || file.endsWith(".json"))
    return { services: [], entries: [], failures: [{ place: { file, line: tree.line }, text: tree.text }] };
  const exported = readScript(evaluate(file), true);
  if (!("kind" in exported))
    return {
      services: [],
      entries: [],
      failures: [{ place: { file, line: 1 }, text: `what it exports ${exported.text}` }],
    };
  const imported = importPm2(exported, file, directory);
  const outcome = { kind: "needless", text: "node has run the file, and its lines are not known" } as const;
  return {
    ...imported,
    entries: [{ program: null, key: "--evaluate", value: file, place: null, outcome }, ...imported.entries],
  };
}
