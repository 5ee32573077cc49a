import {
  chmodSync,
  chownSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

import { attempt } from "@upkeep/linux/core/errno";
import { bytesOfName, nameOf, pathOfName } from "@upkeep/linux/core/name-text";
import { keepCopy } from "@upkeep/linux/fd/kept-copy";
import { FatalError } from "@upkeep/program/process/run-program";

import type { Done } from "../core/report.ts";
import type { Piece } from "../core/request.ts";
import { find, textOf } from "./find.ts";

/**
 * Puts pieces in place below `root`, each whole by a rename. If a file or link is there with another content, it is a
 * FatalError before anything is written, unless `replace` is set: then that content is kept beside it.
 */
export function putInPlace(pieces: readonly Piece[], root: string, replace: boolean): readonly Done[] {
  const other = pieces.find((piece) => find(piece, root) === "other");
  if (other !== undefined && !replace)
    throw new FatalError(
      "is there already, with other content: look at it, then use --replace, which keeps a copy",
      root + other.path,
    );
  return pieces.map((piece) => {
    const found = find(piece, root);
    if (found === "same") return { piece, outcome: "there already", copy: null };
    const copy = found === "other" ? keepCopy(root + piece.path, "install") : null;
    make(piece, root + piece.path);
    return { piece, outcome: "made", copy };
  });
}

/**
 * Takes pieces back, the last one first. If a file or link has another content than we give it, it is a FatalError
 * before anything is removed. Directories stay, and so do those that were made for a file.
 */
export function takeBack(pieces: readonly Piece[], root: string): readonly Done[] {
  const other = pieces.find((piece) => find(piece, root) === "other");
  if (other !== undefined)
    throw new FatalError("is not what 'upkeep install' writes: look at it, and remove it by hand", root + other.path);
  return pieces.toReversed().map((piece) => {
    if (piece.kind === "directory") return { piece, outcome: "left alone", copy: null };
    if (find(piece, root) === "absent") return { piece, outcome: "not there", copy: null };
    if (piece.kind === "line") replaceFile(root + piece.path, (text) => withoutLine(text, piece.line));
    else attempt(`remove ${root}${piece.path}`, () => rmSync(pathOfName(root + piece.path)));
    return { piece, outcome: "removed", copy: null };
  });
}

function make(piece: Piece, path: string): void {
  attempt(`create ${dirname(path)}`, () => mkdirSync(pathOfName(dirname(path)), { recursive: true }));
  switch (piece.kind) {
    case "file":
      return byRename(path, (temporary) => {
        writeFileSync(pathOfName(temporary), bytesOfName(piece.text), { flag: "wx" });
        // The mode does not depend on the umask of whoever installs.
        chmodSync(pathOfName(temporary), piece.mode);
      });
    case "link":
      return byRename(path, (temporary) => {
        symlinkSync(pathOfName(piece.target), pathOfName(temporary));
      });
    case "line":
      return replaceFile(path, (text) => `${text}${text.endsWith("\n") || text === "" ? "" : "\n"}${piece.line}\n`);
    case "directory":
      attempt(`create ${path}`, () => mkdirSync(pathOfName(path), { recursive: true, mode: 0o755 }));
  }
}

/** Replaces the file of a host, through links, and keeps its owner and mode. */
function replaceFile(path: string, change: (text: string) => string): void {
  const real = attempt(`read ${path}`, () => nameOf(realpathSync.native(pathOfName(path), "buffer")));
  const { mode, uid, gid } = attempt(`read ${path}`, () => statSync(pathOfName(real)));
  const text = change(textOf(real) ?? "");
  byRename(real, (temporary) => {
    writeFileSync(pathOfName(temporary), bytesOfName(text), { flag: "wx", flush: true });
    chownSync(pathOfName(temporary), uid, gid);
    chmodSync(pathOfName(temporary), mode & 0o7777);
  });
}

function withoutLine(text: string, line: string): string {
  return text
    .split("\n")
    .filter((each) => each !== line)
    .join("\n");
}

function byRename(path: string, write: (temporary: string) => void): void {
  const temporary = `${path}.upkeep-${process.pid}`;
  try {
    attempt(`write ${path}`, () => {
      write(temporary);
      renameSync(pathOfName(temporary), pathOfName(path));
    });
  } finally {
    rmSync(pathOfName(temporary), { force: true });
  }
}
