import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { attempt } from "@upkeep/linux/core/errno";
import { bytesOfName, pathOfName } from "@upkeep/linux/core/name-text";
import { isNameTaken, keepCopy, move } from "@upkeep/linux/fd/kept-copy";
import { FatalError } from "@upkeep/program/process/run-program";

import type { RenderedFile, Service } from "../core/model.ts";
import { render } from "../core/render.ts";

/**
 * Writes service directories below `to`. Each appears whole, by a rename, after all of them could be written. Nothing is
 * overwritten: a directory that is there is a FatalError, before anything is written, unless `replace` is set. Then it
 * keeps its content, as {@link keepCopy} says.
 *
 * @param onWritten told after each how many have been written.
 */
export function writeServices(
  services: readonly Service[],
  to: string,
  replace: boolean,
  onWritten: (count: number) => void = () => {},
): void {
  if (services.length === 0) return;
  const first = services.find(({ name }) => isNameTaken(join(to, name)));
  if (first !== undefined && !replace) {
    throw new FatalError(`${first.name} is there already: remove it, or keep a copy of it with --replace`, to);
  }
  attempt("create directory", () => mkdirSync(pathOfName(to), { recursive: true }));
  const written = services.map((service, index) => ({
    service,
    temporary: join(to, `.import-${process.pid}-${index}`),
  }));
  try {
    for (const [index, { service, temporary }] of written.entries()) {
      writeService(temporary, render(service));
      onWritten(index + 1);
    }
    for (const { service, temporary } of written) putInPlace(temporary, to, service.name);
  } finally {
    for (const { temporary } of written) rmSync(pathOfName(temporary), { recursive: true, force: true });
  }
}

/** Names begin with a dot, so that runsvdir leaves them alone. What was there has its name again if this fails. */
function putInPlace(temporary: string, to: string, name: string): void {
  const path = join(to, name);
  const copy = isNameTaken(path) ? keepCopy(path, "import") : null;
  try {
    move(temporary, path);
  } catch (error) {
    if (copy !== null) move(copy, path);
    throw error;
  }
}

function writeService(directory: string, files: readonly RenderedFile[]): void {
  attempt(`create ${directory}`, () => mkdirSync(pathOfName(directory), { mode: 0o755 }));
  for (const { path, text, executable } of files) {
    const file = join(directory, path);
    attempt(`write ${file}`, () => {
      if (path.includes("/")) mkdirSync(pathOfName(dirname(file)), { recursive: true });
      writeFileSync(pathOfName(file), bytesOfName(text), { flag: "wx" });
      // The modes do not depend on the umask of whoever imports.
      chmodSync(pathOfName(file), executable ? 0o755 : 0o644);
    });
  }
}
