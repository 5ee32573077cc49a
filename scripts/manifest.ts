import { readFileSync } from "node:fs";

/** What scripts need of the package.json of the repository. */
export interface RootManifest {
  /** The one version number: `npm run release -- --bump` writes it everywhere else. */
  readonly version: string;
  readonly license: string;
  /** Whom the Debian packages name as their maintainer: "NAME <ADDRESS>". */
  readonly author: string;
  readonly config: { readonly pnpm: string };
}

/** Reads it. Scripts run in the root of the repository. */
export function rootManifest(): RootManifest {
  return JSON.parse(readFileSync("package.json", "utf8")) as RootManifest;
}
