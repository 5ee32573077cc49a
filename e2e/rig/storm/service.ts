import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shellScript } from "../core/files.ts";

/** Makes the directory of a service that writes lines to its log: see service.pl. One in three has a `finish`. */
export function makeService(path: string, id: number, root: string): void {
  const main = join(path, "log/main");
  mkdirSync(main, { recursive: true });
  writeFileSync(join(path, "id"), `${id}\n${root}\n`);
  writeFileSync(join(path, "run"), readFileSync(join(import.meta.dirname, "service.pl")), { mode: 0o755 });
  if (id % 3 === 0) writeFileSync(join(path, "finish"), shellScript("exit 0"), { mode: 0o755 });
  writeFileSync(join(path, "log/run"), shellScript("exec svlogd main"), { mode: 0o755 });
  writeFileSync(join(main, "config"), "s20000\nn0\n");
}
