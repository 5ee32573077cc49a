/*
 * What somebody may put in the place of a file that a command reads or writes, and what a command must not do then.
 */
import { linkSync, lstatSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execaSync } from "execa";
import type { TestRig } from "../core/test-rig.ts";
import type { Measured } from "../process/measured.ts";

/** Makes each thing at a path. `secret` is a file of root's. */
export const things: Readonly<Record<string, (path: string, secret: string) => void>> = {
  "a link to /dev/zero": (path) => symlinkSync("/dev/zero", path),
  "a link to a file of root's": (path, secret) => symlinkSync(secret, path),
  "a dangling link": (path) => symlinkSync("nowhere/at/all", path),
  "a link to itself": (path) => symlinkSync(path, path),
  "a FIFO": (path) => execaSync("env", ["mkfifo", path]),
  "a device": (path) => execaSync("env", ["mknod", path, "c", "1", "5"]),
  "a directory": (path) => mkdirSync(join(path, "full"), { recursive: true }),
  "a socket": (path) =>
    execaSync("env", [
      "perl",
      "-MIO::Socket::UNIX",
      "-e",
      "IO::Socket::UNIX->new(Local => shift, Listen => 1) or die",
      path,
    ]),
  "a sparse file of 4 GB": (path) => {
    writeFileSync(path, "");
    truncateSync(path, 2 ** 32);
  },
  "30 MB of [": (path, secret) => linkSync(join(dirname(secret), "brackets"), path),
  "bytes of all kinds": (path) => writeFileSync(path, hostileText),
};

const hostileText = Buffer.from(`\x1b]0;title\x07\x1b[2J\nok: forged\n\0\xff\xfe${"\x9b31m".repeat(40)}`, "latin1");

/** The files of root's that no command may change, and the way to put a thing somewhere. */
export class Outside {
  readonly #directory: string;
  readonly #make: (path: string, secret: string) => void;
  readonly #before: readonly string[];

  constructor(rig: TestRig, make: (path: string, secret: string) => void) {
    this.#directory = rig.path("outside");
    this.#make = make;
    mkdirSync(this.#directory);
    writeFileSync(join(this.#directory, "secret"), "the secret\n", { mode: 0o600 });
    const size = make === things["30 MB of ["] ? 30_000_000 : 1;
    writeFileSync(join(this.#directory, "brackets"), Buffer.alloc(size, "["));
    this.#before = fingerprint(this.#directory);
  }

  /** Puts the thing in the place of whatever is there. */
  put(path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { recursive: true, force: true });
    this.#make(path, join(this.#directory, "secret"));
  }

  /** What has changed since the start. */
  changes(): readonly string[] {
    const after = fingerprint(this.#directory);
    return after.filter((line, index) => line !== this.#before[index]);
  }
}

/** More than idle, in kB and ms: an idle command of ours has less than as much again. */
export const mostMemory = 100_000;
export const mostProcessor = 2000;
/** How long a command may wait in all, in ms; with SVWAIT=1, sv waits for half of that. */
export const mostWaiting = 2000;

/** What is wrong with the end of a command. */
export function faultsOf(
  what: string,
  { memory, processor, waited, stdout, stderr }: Measured,
  most = 1,
): readonly string[] {
  const lines = stderr.split("\n").length - 1;
  return [
    ...(memory > 2 * mostMemory ? [`${what} held ${memory} kB`] : []),
    ...(processor > 2 * mostProcessor ? [`${what} took ${processor} ms`] : []),
    ...(waited > mostWaiting ? [`${what} waited for ${waited} ms`] : []),
    ...(lines > most ? [`${what}: ${lines} lines: ${stderr}`] : []),
    ...(/[^\P{Cc}\n]/u.test(stdout) ? [`${what} prints ${JSON.stringify(stdout)}`] : []),
    ...(/the secret/.test(stdout + stderr) ? [`${what} tells the secret`] : []),
    ...strangeLines(stderr),
  ];
}

/** Lines that are no message of a program of ours in the form of the field, in which sv does not give its name. */
export function strangeLines(stderr: string): readonly string[] {
  const message = /^(?:[a-z_]+(?: [^:]+)?: )?(?:fatal|warning|info|error|pausing): \P{Cc}{1,400}$/u;
  return stderr.split("\n").filter((line) => line !== "" && !message.test(line));
}

/** What would show a change of the directory or of a file in it. */
function fingerprint(directory: string): readonly string[] {
  return ["", "secret", "brackets"].map((name) => {
    const { ino, mode, uid, gid, size, mtimeMs } = lstatSync(join(directory, name));
    return [name, ino, mode, uid, gid, size, mtimeMs].join(" ");
  });
}
