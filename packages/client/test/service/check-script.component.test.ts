import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { checkScriptOf } from "@upkeep/client/service/check-script";
import { afterAll, describe, expect, test } from "vitest";

import { makeServices } from "../helpers/services.ts";

const services = makeServices();
afterAll(() => services.dispose());

const never = new AbortController().signal;

async function passes(name: string, signal: AbortSignal = never, warnings: string[] = []): Promise<boolean> {
  return await checkScriptOf(join(services.root, name), name, (text) => warnings.push(text)).passes(signal);
}

describe("check script", () => {
  test("passes when there is none", async () => {
    mkdirSync(join(services.root, "none"));
    expect(await passes("none")).toBe(true);
  });

  test.each([
    ["exit 0", true],
    ["exit 1", false],
    ["exit 100", false],
    ["kill -9 $$", false],
    // A script may print, and nobody sees it.
    ["echo noise || exit 1", true],
  ])("%j: %j", async (text, expected) => {
    const name = text.replaceAll(/\W/g, "-");
    services.script(name, "check", `#!/bin/sh\n${text}\n`);
    expect(await passes(name)).toBe(expected);
  });

  test("runs as ./check without arguments, in the service directory, with nothing but its three descriptors", async () => {
    const ask = `printf '%s\\n' "$0" "$#" "$(pwd -P)" >facts; ls /proc/$$/fd >>facts`;
    services.script("a service", "check", `#!/bin/sh\n${ask}\n`);
    expect(await passes("a service")).toBe(true);
    const path = join(services.root, "a service");
    const [name, count, directory, ...fds] = readFileSync(join(path, "facts"), "utf8").trimEnd().split("\n");
    expect([name, count, directory]).toEqual(["./check", "0", path]);
    // The shell itself holds its script open under a number of 10 or more; a test runner may leave others.
    expect(fds.filter((fd) => Number(fd) < 10)).toEqual(expect.arrayContaining(["0", "1", "2"]));
  });

  test.each([
    ["that is not executable", "#!/bin/sh\nexit 1\n", 0o644, "access denied"],
    ["without an interpreter line, which no shell is to run instead", "exit 1\n", 0o755, "exec format error"],
    ["that is empty", "", 0o755, "exec format error"],
    ["whose interpreter is missing", "#!/no/such/program\n", 0o755, "file does not exist"],
  ])("%s passes, with a warning", async (_title, text, mode, reason) => {
    services.script(reason, "check", text, mode);
    const warnings: string[] = [];
    expect(await passes(reason, never, warnings)).toBe(true);
    expect(warnings).toEqual([`unable to run ${reason}/check: ${reason}`]);
  });

  test("that is a directory passes, with a warning; one that cannot be looked at does not", async () => {
    const warnings: string[] = [];
    mkdirSync(join(services.root, "directory/check"), { recursive: true });
    expect(await passes("directory", never, warnings)).toBe(true);
    mkdirSync(join(services.root, "loop"));
    symlinkSync("check", join(services.root, "loop/check"));
    expect(await passes("loop", never, warnings)).toBe(false);
    expect(warnings).toEqual([
      "unable to run directory/check: access denied",
      "unable to stat loop/check: symbolic link loop",
    ]);
  });

  test("warns once of the same thing, however often it is tried", async () => {
    services.script("again", "check", "exit 1\n");
    const warnings: string[] = [];
    const check = checkScriptOf(join(services.root, "again"), "again", (text) => warnings.push(text));
    for (let count = 0; count < 3; count++) expect(await check.passes(never)).toBe(true);
    expect(warnings).toHaveLength(1);
  });

  test("is sent TERM when the time is over, and then has not passed", async () => {
    services.script(
      "slow",
      "check",
      "#!/bin/sh\ntrap ': >ended; exit 0' TERM\n: >begun\nwhile :; do sleep 0.01; done\n",
    );
    const controller = new AbortController();
    const answer = passes("slow", controller.signal);
    while (!existsSync(join(services.root, "slow/begun"))) await new Promise((resolve) => setTimeout(resolve, 2));
    controller.abort();
    expect(await answer).toBe(false);
    expect(existsSync(join(services.root, "slow/ended"))).toBe(true);
  });
});
