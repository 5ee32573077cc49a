import { lstatSync, readFileSync, readlinkSync, statSync } from "node:fs";

import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { nameOf, pathOfName } from "@upkeep/linux/core/name-text";

import type { Piece } from "../core/request.ts";

type Found = "absent" | "same" | "other";

/** The text of a file; null if there is none. */
export function textOf(path: string): string | null {
  return read(path, () => nameOf(readFileSync(pathOfName(path))));
}

/** How a piece is found below `root`. */
export function find(piece: Piece, root: string): Found {
  const path = root + piece.path;
  switch (piece.kind) {
    case "file":
      return compare(isLink(path) ? "" : textOf(path), piece.text);
    case "link":
      return compare(isLink(path) === false ? "" : read(path, () => readlinkSync(pathOfName(path))), piece.target);
    case "line":
      return (textOf(path) ?? "").split("\n").includes(piece.line) ? "same" : "absent";
    case "directory":
      return read(path, () => statSync(pathOfName(path))) === null ? "absent" : "same";
  }
}

function compare(there: string | null, wanted: string): Found {
  if (there === null) return "absent";
  return there === wanted ? "same" : "other";
}

/** Null if there is nothing. */
function isLink(path: string): boolean | null {
  return read(path, () => lstatSync(pathOfName(path)).isSymbolicLink());
}

function read<T>(path: string, call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    if (errnoOf(error) === errno.ENOENT) return null;
    throw SystemError.from(`read ${path}`, error);
  }
}
