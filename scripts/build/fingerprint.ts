import { createHash } from "node:crypto";
import { globSync, readFileSync, statSync } from "node:fs";

const inputs = [
  "packages/*/{bin,src}/**",
  "packages/*/package.json",
  "scripts/build/**",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "tsconfig.base.json",
];

/** Changes when something that goes into a build changes: its content, not its time, which a checkout changes as well. */
export function fingerprint(): string {
  const paths = globSync(inputs).filter((path) => statSync(path).isFile());
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const path of paths.toSorted()) hash.update(`\0${path}\0`).update(readFileSync(path));
  return hash.digest("hex");
}
