/* A container with a terminal, as by `docker run -ti`. */
import { expect } from "vitest";
import { containerTest, patience, type NamespacedContainer } from "../rig/container/namespaced-container.ts";
import { ctrlC, Terminal } from "../rig/process/terminal.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const alone: readonly string[] = ["--skip-startup-files", "--skip-runit"];

/** Starts the container on a terminal of its own. */
async function onTerminal(rig: TestRig, box: NamespacedContainer, ...main: readonly string[]): Promise<Terminal> {
  return await open(rig, box, [...alone, "--", ...main]);
}

async function open(rig: TestRig, box: NamespacedContainer, options: readonly string[]): Promise<Terminal> {
  const variables = Object.entries(patience).map(([name, value]) => `${name}=${value}`);
  const words = box.words({ words: options, before: `export ${variables.join(" ")}` });
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return await Terminal.open(rig, `exec ${quoted}`);
}

containerTest("Ctrl-C reaches the main command once, and stops the container with its code", async (box, rig) => {
  const main =
    "$| = 1; $SIG{INT} = sub { print qq(got INT\\n) }; $SIG{TERM} = sub { exit 5 }; print qq(up\\n); sleep 60 while 1";
  using terminal = await onTerminal(rig, box, "perl", "-e", main);
  await rig.until("the main command", () => terminal.screen().includes("\nup\n"));
  terminal.type(ctrlC);
  expect((await rig.result(terminal.command)).code).toBe(5);
  expect(terminal.screen().split("got INT\n")).toHaveLength(2);
});

containerTest(
  "Ctrl-C stops all in its order: services have not heard of it when they are told to stop",
  async (box, rig) => {
    box.script("service/web/run", "trap 'echo web stops; exit 0' TERM", "echo web runs", "while :; do sleep 0.1; done");
    box.script("my_init.pre_shutdown.d/look", "sv status /etc/service/web");
    using terminal = await open(rig, box, ["--quiet"]);
    await rig.until("the service", () => terminal.screen().includes("web runs\n"));
    terminal.type(ctrlC);
    expect((await rig.result(terminal.command)).code).toBe(0);
    expect(terminal.screen()).toMatch(/run: \/etc\/service\/web: .*\nweb stops\n$/);
  },
);

containerTest("services have no part of the terminal's input", async (box, rig) => {
  box.script("service/web/run", "readlink /proc/self/fd/0 >/etc/input", ": >/etc/up", "exec sleep 60");
  using terminal = await open(rig, box, ["--quiet"]);
  await rig.until("the service", () => box.exists("up"));
  expect(box.read("input")).toBe("/dev/null\n");
  terminal.type(ctrlC);
  expect((await rig.result(terminal.command)).code).toBe(0);
});

containerTest("a shell as main command has job control: Ctrl-C is for its job alone", async (box, rig) => {
  using terminal = await onTerminal(rig, box, "bash", "--norc", "--noprofile", "-i");
  const shows = async (text: string): Promise<unknown> =>
    await rig.until(text, () => {
      if (terminal.command.ending !== undefined) throw new Error(`ended: ${terminal.screen()}`);
      return terminal.screen().includes(text);
    });
  // The terminal shows what is typed, so the awaited text must not be in it.
  terminal.type(`perl -e '$| = 1; print "in fore" . "ground\\n"; sleep 60'\n`);
  await shows("in foreground\n");
  terminal.type(ctrlC);
  await rig.until("a prompt", () => /in foreground\n[^]*bash-\S+[#$] $/.test(terminal.screen()));
  terminal.type("echo code $?\n");
  await shows("code 130\n");
  expect(terminal.screen()).not.toContain("no job control");
  terminal.type("exit 3\n");
  expect((await rig.result(terminal.command)).code).toBe(3);
});
