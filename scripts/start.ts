import { join, resolve } from "node:path";

import { build } from "./build/build.ts";

// Builds the suite, then becomes runsvdir on the example services: npm start [-- directory]

const [directory = "examples/service"] = process.argv.slice(2);
const scanDirectory = resolve(directory);
const bin = resolve("dist/standalone/bin");

await build();
process.stdout.write(`\
Services of ${scanDirectory}; Ctrl-C stops them all. In another terminal:

  export SVDIR=${quote(scanDirectory)} PATH=${quote(bin)}:"$PATH"
${directory === "examples/service" ? suggestions() : "  sv status $SVDIR/*\n"}
`);
// This process becomes runsvdir instead of waiting for it: one less that could end before it does.
process.execve?.(join(bin, "runsvdir"), ["runsvdir", "--inline", "--orderly", scanDirectory], {
  ...process.env,
  PATH: `${bin}:${process.env["PATH"]}`,
});

function suggestions(): string {
  const commands = {
    "sv status $SVDIR/*": "what runs, and for how long",
    "curl http://127.0.0.1:8080/": "ask the web server",
    "sv restart web": "returns when ./check says that it answers again",
    "tail -f $SVDIR/web/log/main/current": "what its log service has written",
    "sv once maintenance": "run the service that is normally down",
    "sv down worker; sv up worker": "stop and start the one that crashes now and then",
    "sv kill web; sv status web": "crash the web server, and see it back",
  };
  return Object.entries(commands)
    .map(([command, purpose]) => `  ${command.padEnd(42)} # ${purpose}\n`)
    .join("");
}

function quote(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
