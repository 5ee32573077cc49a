import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execaSync } from "execa";
import { root } from "../process/under.ts";

/** For a test's `needs`: why it is skipped, or undefined. */
export type Need = string | undefined;

const directories: readonly string[] = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];

/** A program of a Debian package. */
export function program(name: string, debianPackage: string): Need {
  const isThere = directories.some((directory) => isExecutable(join(directory, name)));
  return isThere ? undefined : `${name}; to enable: apt-get install ${debianPackage}`;
}

/** A file or directory that a package brings along, to be mounted over. */
export function existsOnMachine(path: string, debianPackage: string): Need {
  return existsSync(path) ? undefined : `${path}; to enable: apt-get install ${debianPackage}`;
}

/** Mounts that only one command sees: see {@link withMounts}. */
export const privateMounts: Need = root ?? mountFailure();

/**
 * Prefix that runs a command with mounts that it alone sees; each mount is the operands of mount(8). From outside they
 * are below /proc/PID/root.
 */
export function withMounts(...mounts: readonly string[]): readonly string[] {
  const lines = mounts.map((mount) => `mount ${mount} &&`);
  return ["unshare", "--mount", "sh", "-c", `${lines.join(" ")} exec "$@"`, "sh"];
}

function mountFailure(): Need {
  const words = [...withMounts("-t tmpfs none /mnt"), "true"];
  const { failed } = execaSync("env", words, { reject: false });
  return failed ? "private mounts: to enable in a container, give it CAP_SYS_ADMIN" : undefined;
}

/** True when there is a file at this path that we may execute. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
