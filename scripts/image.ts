import { parseArgs } from "node:util";

import { build } from "./build/build.ts";
import { buildImage } from "./image/container-image.ts";
import { writeLayer } from "./image/write-layer.ts";
import { runScript } from "./run-script.ts";

const usage = `\
npm run image [-- options]

Leaves the base-image layer in dist/image/upkeep-layer.tar.

  --gzip                and a compressed one beside it
  --manuals             with the manual pages
  --base IMAGE          make an image of this base and the layer as well
  --tag NAME            its name; upkeep where only --base is given
  --target layer        instead an image of the layer alone, for COPY --from=
  --engine COMMAND      podman, buildah or docker, with its options; the first that is found
  --build-option=OPTION for its build command; may be repeated
`;

await runScript("image", main);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      gzip: { type: "boolean", default: false },
      manuals: { type: "boolean", default: false },
      base: { type: "string" },
      tag: { type: "string" },
      target: { type: "string" },
      engine: { type: "string" },
      "build-option": { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  await build();
  await writeLayer(values);
  const { base, tag, target, engine } = values;
  if ([base, tag, target, engine].every((option) => option === undefined)) return;
  await buildImage({ base, tag, target, engine, buildOptions: values["build-option"] });
}
