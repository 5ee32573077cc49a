import { errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { directoryOf } from "@upkeep/linux/fd/resolve-name";
import { dependenciesDirectory, listDependencies } from "@upkeep/service-directory/files/dependencies";
import { openServiceDirectory, type ServiceDirectory } from "@upkeep/service-directory/files/directory";

import { findWaiting, type Waiting } from "../core/dependency-graph.ts";
import type { DependencyState } from "../core/dependency-state.ts";
import { createListeners } from "./listeners.ts";
import { findSibling, needsOfSibling } from "./sibling.ts";

/** Finds out which dependencies of a service are not satisfied, and listens to those. */
export interface Dependencies {
  /** Where `dependencies.d` cannot be read, the service waits for that directory. */
  check(): Waiting;
  /** Stops listening. */
  forget(): void;
}

/**
 * @param pathOf where its siblings are. @param name its name among them. @param onChange called when a dependency has
 * changed.
 */
export function openDependencies(
  pathOf: SiblingPaths,
  name: string,
  service: ServiceDirectory,
  onChange: () => void,
  warn: (message: string) => void,
): Dependencies {
  const listeners = createListeners(pathOf, name, onChange);
  const listNeeds = createNeedsReader(service, warn);

  const find = (own: readonly string[]): Waiting => {
    const found = new Map<string, DependencyState>();
    return findWaiting(name, {
      stateOf: (sibling) => {
        const known = found.get(sibling) ?? findSibling(pathOf(sibling));
        found.set(sibling, known);
        return known;
      },
      needsOf: (sibling) => (sibling === name ? own : needsOfSibling(pathOf(sibling))),
    });
  };

  return {
    check: () => {
      const own = listNeeds();
      // A start that comes too late is better than one that comes too early. The next check follows soon.
      if (typeof own === "string") return { names: [dependenciesDirectory], problem: own, note: null };
      const first = find(own);
      // A change before we listened sends no word.
      const waiting = listeners.set(first.names) ? find(own) : first;
      if (waiting.names.length === 0) listeners.set([]);
      return waiting;
    },
    forget: () => void listeners.set([]),
  };
}

/** The path of a sibling; null where the directory of services cannot be opened. */
export type SiblingPaths = (sibling: string) => string | null;

/**
 * @param path the service directory as the command line gives it. Its siblings are the other entries of the directory
 * that this path is in, also where it is a link.
 */
export function siblingsOf(path: string): SiblingPaths {
  let siblings: ServiceDirectory | null = null;
  return (sibling) => {
    try {
      // This process never changes its directory, so the path still means what it meant at the start.
      siblings ??= openServiceDirectory(directoryOf(path), "open directory of services");
      return siblings.path(sibling);
    } catch (error) {
      if (error instanceof SystemError) return null;
      throw error;
    }
  };
}

/** Lists the names in `dependencies.d`; says, as a text, why it cannot. */
function createNeedsReader(
  service: ServiceDirectory,
  warn: (message: string) => void,
): () => readonly string[] | string {
  let hasWarned = false;
  return () => {
    // With this a start begins, and the files that it asks for follow.
    service.list();
    if (!service.mayHave(dependenciesDirectory)) return [];
    try {
      return listDependencies(service.path("."));
    } catch (error) {
      const number = errnoOf(error);
      if (number !== errno.ENOTDIR) return `unable to read it: ${reasonOf(number)}`;
      // A file in the place of the directory names no dependency.
      if (!hasWarned) warn(`unable to read ${dependenciesDirectory}: ${reasonOf(number)}`);
      hasWarned = true;
      return [];
    }
  };
}
