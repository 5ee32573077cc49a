import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isAlive, isErrno, processesOfRig, signalProcess } from "../process/processes.ts";
import { installCommonPart } from "../scripted/program.ts";
import { poll } from "./until.ts";

const parentOfRigs: string = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/**
 * Makes a rig's directory, in memory if there is such a file system: `service/` for the test, and `.rig/` with the
 * journal and so on. Its name tells which process removes it.
 */
export async function makeRigDirectory(): Promise<string> {
  await sweepOnce();
  const root = mkdtempSync(join(parentOfRigs, `upkeep-e2e-${process.pid}-`));
  chmodSync(root, 0o755);
  const privateDirectory = join(root, ".rig");
  mkdirSync(privateDirectory);
  mkdirSync(join(root, "service"));
  writeFileSync(join(privateDirectory, "journal"), "");
  // Scripted programs may run as any user.
  chmodSync(join(privateDirectory, "journal"), 0o666);
  installCommonPart(privateDirectory);
  return root;
}

/** Ends every process of a rig, whatever it has done to its session, and removes the rig's directory. */
export async function removeRigDirectory(root: string): Promise<void> {
  const id = basename(root);
  let killed: readonly number[] = [];
  const isEmpty = await poll(() => {
    // To look at those that got the signal costs little, to look for others much.
    if (killed.some(isAlive)) return false;
    // A process may fork before it gets the signal, so look until none is left.
    killed = processesOfRig(id, root);
    for (const pid of killed) signalProcess(pid, "SIGKILL");
    return killed.length === 0;
  });
  if (isEmpty === undefined) throw new Error(`processes that survive KILL: ${processesOfRig(id, root).join(" ")}`);
  removeJournals(root);
  rmSync(root, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes what killed loggers have left for their successors: see docs/log-directory.md. */
function removeJournals(root: string): void {
  const shared = "/dev/shm";
  const entries = existsSync(shared) ? readdirSync(shared, { withFileTypes: true }) : [];
  const directories = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith("upkeep-svlogd-"));
  const journals = directories.flatMap(({ name }) =>
    readdirSync(join(shared, name)).map((file) => join(shared, name, file)),
  );
  if (journals.length === 0) return;
  try {
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const { dev, ino } = statSync(join(entry.parentPath, entry.name));
      for (const path of journals.filter((name) => name.endsWith(`/${dev}-${ino}`))) rmSync(path, { force: true });
    }
  } catch (error) {
    // Two test processes may sweep the same directory.
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

let swept: Promise<unknown> | undefined;

/** Removes, once in a test process, what killed test processes have left. */
async function sweepOnce(): Promise<void> {
  const isStale = (name: string): boolean => {
    const owner = /^upkeep-e2e-(\d+)-/.exec(name)?.[1];
    return owner !== undefined && !isAlive(Number(owner));
  };
  swept ??= Promise.all(
    readdirSync(parentOfRigs)
      .filter(isStale)
      .map(async (name) => {
        await removeRigDirectory(join(parentOfRigs, name));
      }),
  );
  await swept;
}
