import { globSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { build } from "./build/build.ts";
import { rootManifest } from "./manifest.ts";
import { progress } from "./progress.ts";
import { releaseDate } from "./release/date.ts";
import { isDebianTarget, makeDebianPackage } from "./release/debian/package.ts";
import { isPlatform } from "./release/npm/manifests.ts";
import { makePlatformPackage, makeSuitePackage } from "./release/npm/package.ts";
import { runScript } from "./run-script.ts";

const usage = `\
npm run packages [-- options]

Leaves the Debian and npm packages of this machine in dist/packages, hardly
compressed: to try them, and for tests. npm run release makes those to give away.

  --directory DIR    instead of dist/packages
  --build DIR        of another build, in DIR/standalone and DIR/node (dist)
  --version VERSION  that this build gives itself
`;

await runScript("packages", main);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      directory: { type: "string", default: "dist/packages" },
      build: { type: "string", default: "dist" },
      version: { type: "string", default: rootManifest().version },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  const target = `${process.platform}-${process.arch}`;
  if (!isDebianTarget(target) || !isPlatform(target)) throw new Error(`there are no packages for ${target}`);
  await build();
  progress("Making the packages ...");
  const { directory, version } = values;
  await mkdir(directory, { recursive: true });
  const options = { directory, version, date: await releaseDate(process.env["SOURCE_DATE_EPOCH"]), level: 1 };
  const executable = join(values.build, "standalone/bin/upkeep");
  const nodeBuild = join(values.build, "node");
  const natives = globSync(join(nodeBuild, "lib/@koromix/*"));
  const made = [
    await makeDebianPackage(target, executable, { ...options, level: null }),
    await makePlatformPackage(target, executable, options),
    await makeSuitePackage(nodeBuild, natives, options),
  ];
  for (const name of made) process.stdout.write(`${directory}/${name}\n`);
}
