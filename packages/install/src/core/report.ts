import { harmless, harmlessJson } from "@upkeep/program/core/one-line";

import type { Piece } from "./request.ts";

/** A piece, and what became of it. */
export interface Done {
  readonly piece: Piece;
  readonly outcome: "made" | "there already" | "removed" | "not there" | "left alone";
  /** Where the content that was replaced is kept; null: there was none. */
  readonly copy: string | null;
}

/** A line for each piece, then what to type next. */
export function renderDone(done: readonly Done[], root: string, next: readonly string[]): string {
  const lines = done.map(({ piece, outcome, copy }) => {
    const kept = copy === null ? "" : `, its former content is ${copy}`;
    return `${outcome}: ${describe(piece, root)}${kept}`;
  });
  return [...lines, ...(next.length === 0 ? [] : ["next:", ...next.map((each) => `  ${each}`)])]
    .map((line) => `${harmless(line)}\n`)
    .join("");
}

/** What would be put in place, whole. */
export function renderPieces(pieces: readonly Piece[], root: string): string {
  return pieces
    .flatMap((piece) => [describe(piece, root), ...contentOf(piece).map((line) => `    ${line}`)])
    .map((line) => `${harmless(line)}\n`)
    .join("");
}

/** Everything for programs: version 1. */
export function doneToJson(done: readonly Done[], root: string, next: readonly string[]): string {
  const pieces = done.map(({ piece, outcome, copy }) => ({ ...piece, path: root + piece.path, outcome, copy }));
  return `${harmlessJson(JSON.stringify({ version: 1, pieces, next }, null, 2))}\n`;
}

function describe(piece: Piece, root: string): string {
  const path = root + piece.path;
  switch (piece.kind) {
    case "file":
      return `${path}${piece.mode === 0o755 ? " (executable)" : ""}`;
    case "link":
      return `${path} -> ${piece.target}`;
    case "line":
      return `a line in ${path}: ${piece.line}`;
    case "directory":
      return `${path}/`;
  }
}

function contentOf(piece: Piece): readonly string[] {
  return piece.kind === "file" ? piece.text.split("\n").slice(0, -1) : [];
}
