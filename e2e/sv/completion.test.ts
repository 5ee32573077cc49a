/* sv completion: what real shells offer. */
import { mkdirSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** Asks a shell to complete a line, and returns what it offers. */
type Ask = (rig: TestRig, script: string, line: string) => Promise<readonly string[]>;

async function answer(rig: TestRig, shell: string, args: readonly string[], text: string): Promise<readonly string[]> {
  const file = rig.path(`ask.${shell}`);
  writeFileSync(file, text);
  const { code, stdout, stderr } = await rig.run(shell, [...args, file]);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout.split("\n").filter((line) => line !== "");
}

const bash: Ask = async (rig, script, line) => {
  const words = line.split(" ").map((word) => `'${word}'`);
  const text = `source ${script}
COMP_WORDS=(${words.join(" ")}) COMP_CWORD=${words.length - 1}
_sv
printf '%s\\n' "\${COMPREPLY[@]}"
`;
  return await answer(rig, "bash", ["--norc"], text);
};

/** compadd shows what it would add only to the editor of the shell, so one of ours takes its place. */
const zsh: Ask = async (rig, script, line) => {
  const text = `compdef() { : }
_files() { print -rl -- $PREFIX*(N-/) }
compadd() { shift; for one in "$@"; do [[ $one == "$PREFIX"* ]] && print -r -- $one; done; true }
source ${script}
words=(${line
    .split(" ")
    .map((word) => `'${word}'`)
    .join(" ")}) CURRENT=$#words PREFIX=$words[-1]
_sv
`;
  return await answer(rig, "zsh", ["-f"], text);
};

const fish: Ask = async (rig, script, line) => {
  const lines = await answer(rig, "fish", ["--no-config"], `source ${script}\ncomplete -C '${line}'\n`);
  return lines.map((one) => one.replace(/\t.*/, "").replace(/\/$/, ""));
};

for (const [shell, ask] of Object.entries({ bash, zsh, fish })) {
  rigTest(
    `${shell} completes words, options, states and services`,
    ourSuites,
    async (rig) => {
      for (const name of ["web", "web two", "db", ".hidden"])
        mkdirSync(rig.path(`service/${name}`), { recursive: true });
      writeFileSync(rig.path("service/word"), "");
      const { code, stdout } = await rig.run("sv", ["completion", shell]);
      expect(code).toBe(0);
      const script = rig.path(`sv.${shell}`);
      writeFileSync(script, stdout);
      const offered = async (line: string): Promise<readonly string[]> =>
        (await ask(rig, script, line)).map((one) => one.replaceAll("\\", "")).toSorted();
      expect(await offered("sv res")).toEqual(["restart"]);
      expect(await offered("sv -w 5 li")).toEqual(["lint", "list"]);
      expect(await offered("sv restart w")).toEqual(["web", "web two"]);
      expect(await offered("sv up db ")).toEqual(["db", "web", "web two"]);
      expect(await offered("sv wait r")).toEqual(["ready"]);
      expect(await offered("sv wait ready d")).toEqual(["db"]);
      expect(await offered("sv log --run last d")).toEqual(["db"]);
      expect(await offered("sv lint --s")).toEqual(["--strict"]);
      expect(await offered("sv completion z")).toEqual(["zsh"]);
      expect(await offered(`sv restart ${rig.path("service/d")}`)).toEqual([rig.path("service/db")]);
    },
    { needs: program(shell, shell) },
  );
}

rigTest("sv completion names the shells that it knows", ourSuites, async (rig) => {
  const { code, stdout, stderr } = await rig.run("sv", ["completion", "tcsh"]);
  const usage = "usage: sv completion bash|zsh|fish\n\n";
  expect([code, stdout, stderr]).toEqual([100, "", `sv completion: unknown shell -- tcsh\n${usage}`]);
});
