/* A registry of npm on loopback that has the packages under test and nothing else. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import type { Packages } from "./built-packages.ts";

export interface Registry extends AsyncDisposable {
  readonly url: string;
}

interface Entry {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly file: string;
}

/** Starts one with these versions; the first is the latest. */
export async function startRegistry(versions: readonly Packages[]): Promise<Registry> {
  const entries: Entry[] = [];
  for (const { directory, suite, platform } of versions) {
    for (const name of [suite, platform]) {
      const file = join(directory, name);
      const { stdout } = await execa("tar", ["-xzOf", file, "package/package.json"]);
      entries.push({ manifest: JSON.parse(stdout) as Entry["manifest"], file });
    }
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const found = entries.filter(({ manifest }) => manifest.name === path);
    const [, index = ""] = /^files\/(\d+)$/.exec(path) ?? [];
    const asked = entries[Number(index)];
    if (index !== "" && asked !== undefined) response.end(readFileSync(asked.file));
    else if (found.length > 0) response.end(JSON.stringify(document(path, found)));
    else response.writeHead(404).end("{}");
  });
  const document = (name: string, found: readonly Entry[]): object => ({
    name,
    "dist-tags": { latest: found[0]?.manifest.version },
    versions: Object.fromEntries(
      found.map(({ manifest, file }) => [manifest.version, { ...manifest, dist: dist(file) }]),
    ),
  });
  const dist = (file: string): object => ({
    tarball: `${url()}files/${entries.findIndex((entry) => entry.file === file)}`,
    integrity: `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`,
  });
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: url(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
