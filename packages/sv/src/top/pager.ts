import { closeSync, write } from "node:fs";

import { children } from "@upkeep/client/service/children";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { environmentAtStart } from "@upkeep/linux/exec/environment";

/** `$PAGER` is a command line of the shell, as for others that start it. */
const command =
  'if [ -n "$PAGER" ]; then eval "$PAGER"; elif command -v less >/dev/null; then exec less; else exec more; fi';

/** Shows a text in the pager of the user, until he ends it. It has the terminal meanwhile. */
export async function showInPager(text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { read, write: end } = createPipe();
  const started = children.start(
    {
      path: "/bin/sh",
      argv: ["sh", "-c", command],
      environment: environmentAtStart(),
      newSession: false,
      stdio: [read, 1, 2],
    },
    () => resolve(),
  );
  closeSync(read);
  if (!started.ok) resolve();
  // A pager that ends early leaves the rest unread.
  writeAll(end, Buffer.from(text), () => closeSync(end));
  await promise;
}

function writeAll(fd: number, bytes: Buffer, done: () => void): void {
  if (bytes.length === 0) return done();
  write(fd, bytes, (error, count) => (error === null ? writeAll(fd, bytes.subarray(count), done) : done()));
}
