import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { execa } from "execa";

import { build } from "./build/build.ts";
import { drawPages } from "./pictures/page.ts";
import { type Picture, pictures } from "./pictures/pictures.ts";
import { drawTerminal } from "./pictures/svg.ts";
import { progress } from "./progress.ts";

// Draws docs/pictures/*.svg from what the commands show in a terminal (tmux), and *.webp from the page in Chromium:
// npm run pictures

const bin = resolve("dist/standalone/bin");

/** The services that the pictures show. */
const services: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  db: { run: "exec sleep 600" },
  web: {
    run: 'i=0; while :; do echo "GET /index.html 200 $((i += 1)) ms"; sleep 1; done',
    "log/run": "mkdir -p main; exec svlogd -tt main",
    "dependencies.d/db": "",
  },
  api: {
    run: 'while :; do echo "job done"; sleep 1; done',
    "log/run": "mkdir -p main; exec svlogd -tt main",
    "dependencies.d/db": "",
  },
  mail: {
    run: 'echo "mail: /etc/mail.conf: line 12: unknown option: relay" >&2; exit 3',
    "log-prefix": "mail: ",
    "restart-limit": "3 60",
    down: "",
  },
  cron: { run: "exec sleep 600", down: "" },
};

await build();
const home = await mkdtemp(join(tmpdir(), "pictures-"));
const scan = join(home, "service");
await makeServices();
const runsvdir = execa(join(bin, "runsvdir"), [scan], { env: environment(), reject: false, stdio: "ignore" });
try {
  await sleep(8000);
  await mkdir("docs/pictures", { recursive: true });
  for (const picture of pictures) await take(picture);
} finally {
  runsvdir.kill("SIGHUP");
  await runsvdir;
  await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
}

await drawPages(bin);

async function makeServices(): Promise<void> {
  for (const [name, files] of Object.entries(services)) {
    for (const [file, text] of Object.entries(files)) {
      const path = join(scan, name, file);
      await mkdir(join(path, ".."), { recursive: true });
      const isScript = file.endsWith("run");
      await writeFile(path, isScript ? `#!/bin/sh\n${text}\n` : `${text}\n`);
      if (isScript) await chmod(path, 0o755);
    }
  }
}

function environment(): Record<string, string> {
  return { PATH: `${bin}:${process.env["PATH"] ?? ""}`, SVDIR: scan, LC_ALL: "C.UTF-8", PS1: "$ ", HOME: home };
}

/** Runs the command in a terminal of its own, and draws what it shows. */
async function take({ name, command, columns, rows, shows, keys = [], end }: Picture): Promise<void> {
  progress(`Drawing ${name} ...`);
  const socket = join(home, "tmux");
  const tmux = async (...words: readonly string[]): Promise<string> => {
    return (await execa("tmux", ["-S", socket, "-u", "-f", "/dev/null", ...words], { env: environment() })).stdout;
  };
  const wait = async (pattern: RegExp): Promise<void> => {
    for (let tries = 0; !pattern.test(await tmux("capture-pane", "-p")); tries++) {
      if (tries > 300) throw new Error(`${name}: no ${String(pattern)} in\n${await tmux("capture-pane", "-p")}`);
      await sleep(100);
    }
  };
  const shell = `sh -c '${end === "q" ? "" : `printf "$ ${command}\\n"; `}${command}; sleep 600'`;
  await tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), shell);
  await wait(shows);
  for (const [key, pattern] of keys) {
    await tmux("send-keys", key);
    await wait(pattern);
  }
  // Curves and what follows need a moment.
  if (end !== undefined) await sleep(5000);
  const captured = await tmux("capture-pane", "-p", "-e");
  await tmux("kill-server");
  const lines = normalize(captured).split("\n");
  while (lines.at(-1)?.trim() === "") lines.pop();
  await writeFile(`docs/pictures/${name}.svg`, drawTerminal(command, lines, columns));
}

/** Whatever differs from one run to the next without telling anything becomes the same. */
function normalize(screen: string): string {
  return screen
    .replaceAll(scan, "/etc/service")
    .replaceAll(/\d{4}-\d\d-\d\d/g, "2026-11-28")
    .replaceAll(/\d\d:\d\d:(\d\d)/g, "14:05:$1")
    .replaceAll(/pid \d+/g, "pid 4711")
    .replaceAll(/(?<=^.{12} +)\d{2,7}(?= +\d+\.\d\ds )/gm, (pid) => "4711".padStart(pid.length));
}
