import type { Line } from "../subject.ts";
import { describeTree, type Mapping, type Tree } from "./tree.ts";

/**
 * The keys of a mapping as lines. Mappings at the paths of `nested` are taken apart: their keys have dots in them,
 * `healthcheck.test`. An empty one stays a key.
 */
export function linesOf(mapping: Mapping, file: string, nested: readonly string[], above = ""): readonly Line<Tree>[] {
  return mapping.entries.flatMap(({ key, value, line }): readonly Line<Tree>[] => {
    const path = above === "" ? key : `${above}.${key}`;
    if (value.kind === "map" && value.entries.length > 0 && nested.includes(path))
      return linesOf(value, file, nested, path);
    return [{ key: path, value, shown: describeTree(value), place: { file, line } }];
  });
}
