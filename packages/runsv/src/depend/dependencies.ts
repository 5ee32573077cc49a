import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { directoryOf } from "@upkeep/linux/fd/resolve-name";
import { dependenciesDirectory, listDependencies } from "@upkeep/service-directory/files/dependencies";
import { openServiceDirectory, type ServiceDirectory } from "@upkeep/service-directory/files/directory";

import { findWaiting, type Waiting } from "../core/dependency-graph.ts";
import type { DependencyState } from "../core/dependency-state.ts";
import { createListeners, type Listeners } from "./listeners.ts";
import { findSibling, needsOfSibling } from "./sibling.ts";

/** Finds out which dependencies of a service are not satisfied, and listens to those. */
export interface Dependencies {
  /** Where `dependencies.d` cannot be read, the service waits for that directory. */
  check(): Waiting;
  /** Stops listening. */
  forget(): void;
}

/** A service that may depend on others. */
export interface DependencyPorts {
  /** Its name among its siblings. */
  readonly name: string;
  readonly siblings: SiblingPaths;
  readonly service: ServiceDirectory;
  readonly say: Pick<Diagnostics, "warning">;
  /** A dependency has changed. */
  onDependencyChange(): void;
}

export function openDependencies(ports: DependencyPorts): Dependencies {
  return new OpenDependencies(ports);
}

class OpenDependencies implements Dependencies {
  readonly #ports: DependencyPorts;
  /** Null where it listens to nobody, as most do. */
  #listeners: Listeners | null = null;
  #hasWarned = false;

  constructor(ports: DependencyPorts) {
    this.#ports = ports;
  }

  check(): Waiting {
    const own = this.#listNeeds();
    // A start that comes too late is better than one that comes too early. The next check follows soon.
    if (typeof own === "string") return { names: [dependenciesDirectory], problem: own, note: null };
    const first = this.#find(own);
    // A change before we listened sends no word.
    const waiting = this.#listenTo(first.names) ? this.#find(own) : first;
    if (waiting.names.length === 0) this.forget();
    return waiting;
  }

  forget(): void {
    this.#listenTo([]);
  }

  #find(own: readonly string[]): Waiting {
    const { name, siblings } = this.#ports;
    const found = new Map<string, DependencyState>();
    return findWaiting(name, {
      stateOf: (sibling) => {
        const known = found.get(sibling) ?? findSibling(siblings(sibling));
        found.set(sibling, known);
        return known;
      },
      needsOf: (sibling) => (sibling === name ? own : needsOfSibling(siblings(sibling))),
    });
  }

  /** Returns whether there is one to which it did not listen before. */
  #listenTo(names: readonly string[]): boolean {
    if (this.#listeners === null && names.length === 0) return false;
    const { name, siblings } = this.#ports;
    this.#listeners ??= createListeners(siblings, name, () => this.#ports.onDependencyChange());
    const isAnyNew = this.#listeners.set(names);
    if (names.length === 0) this.#listeners = null;
    return isAnyNew;
  }

  /** Lists the names in `dependencies.d`; says, as a text, why it cannot. */
  #listNeeds(): readonly string[] | string {
    const { service, say } = this.#ports;
    // With this a start begins, and the files that it asks for follow.
    service.list();
    if (!service.mayHave(dependenciesDirectory)) return [];
    try {
      return listDependencies(service.path("."));
    } catch (error) {
      const number = errnoOf(error);
      if (number !== errno.ENOTDIR) return `unable to read it: ${reasonOf(number)}`;
      // A file in the place of the directory names no dependency.
      if (!this.#hasWarned) say.warning(`unable to read ${dependenciesDirectory}: ${reasonOf(number)}`);
      this.#hasWarned = true;
      return [];
    }
  }
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
