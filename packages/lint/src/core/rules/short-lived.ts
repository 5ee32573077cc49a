import type { Command } from "../shell.ts";

const programs =
  ": [ [[ chgrp chmod chown cp cat date echo exit export export false install ldconfig ln mkdir mkfifo mknod modprobe mount mv " +
  "printf return rm rmdir sed set sv swapon sync sysctl tee test touch true umask umount unset update-ca-certificates";
const known: ReadonlySet<string> = new Set(programs.split(" "));

/** Whether a command is over as soon as it has done something. */
export function isShortLived({ words }: Command): boolean {
  const first = words.find((word) => !/^[A-Za-z_]\w*=/.test(word));
  return first === undefined || known.has(first.replace(/^.*\//, ""));
}
