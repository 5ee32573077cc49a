import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isErrno } from "../process/processes.ts";
import type { Result, StartOptions } from "../process/running-command.ts";
import type { TestRig } from "../core/test-rig.ts";

/** Runs chpst with these words. */
export async function chpst(rig: TestRig, words: readonly string[], options: StartOptions = {}): Promise<Result> {
  return await rig.run("chpst", words, options);
}

/** Runs chpst by another of its names. */
export async function calledAs(
  rig: TestRig,
  name: string,
  words: readonly string[],
  options: StartOptions = {},
): Promise<Result> {
  return await rig.run(linkTo(rig, name), words, options);
}

/** A link to chpst with another name; its path. */
export function linkTo(rig: TestRig, name: string): string {
  const link = rig.path("bin", name);
  mkdirSync(dirname(link), { recursive: true });
  try {
    symlinkSync(rig.suite.command("chpst"), link);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
  return link;
}

/** What chpst prints and returns when it cannot go on. */
export function fatal(message: string): Partial<Result> {
  return { code: 111, stdout: "", stderr: `chpst: fatal: ${message}\n` };
}

/** What to expect of a program that prints this and succeeds. */
export function printed(stdout: string): Partial<Result> {
  return { code: 0, stdout, stderr: "" };
}

/** The usage of chpst. Ours has three more options: -C and -F, as later runit has, and -r, which runit never names. */
export function usage(rig: TestRig, name = "chpst"): string {
  const [flags, pwd, resident] = rig.suite.ours ? ["vVFP012", " [-C pwd]", " [-r n]"] : ["vVP012", "", ""];
  return `usage: ${name} [-${flags}] [-u user[:group]] [-U user[:group]] [-b argv0] [-e dir] [-/ root]${pwd} [-n nice] [-l|-L lock] [-m n] [-d n] [-o n] [-p n] [-f n] [-c n]${resident} [-t n] prog\n\n`;
}

/** Makes a directory in the rig with these files. */
export function directoryOf(rig: TestRig, name: string, files: Readonly<Record<string, string>>): string {
  const directory = rig.path(name);
  mkdirSync(directory, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(directory, file), content, "latin1");
  return directory;
}
