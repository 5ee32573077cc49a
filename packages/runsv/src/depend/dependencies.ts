import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { dependenciesDirectory, listDependencies } from "@upkeep/service-directory/files/dependencies";
import { openServiceDirectory, type ServiceDirectory } from "@upkeep/service-directory/files/directory";
import { isSupervised } from "@upkeep/supervise/fifo/client-end";
import { decodeDetails } from "@upkeep/supervise/core/state-json";
import { readStatusFile } from "@upkeep/supervise/files/status-file";
import { supervisePath } from "@upkeep/supervise/place/supervise-path";
import { listenTo, type Listener } from "@upkeep/supervise/fifo/waiters";
import { readTextOrNull } from "@upkeep/linux/fd/files";
import { errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";

import { findWaiting, type Waiting } from "../core/dependency-graph.ts";
import { judgeDependency, missing, unsatisfied, type Judgement } from "../core/dependency-state.ts";

/** Looks whether the services that this one depends on are satisfied, and listens to those that are not. */
export interface Dependencies {
  /** While it is unknown which these are, `dependencies.d` itself is what is waited for. */
  check(): Waiting;
  /** Listens no more. */
  forget(): void;
}

/**
 * @param path the service directory as it was given: its siblings are the other entries of the directory that path is
 * in, also where it is a link. @param name its name there. @param onChange called when a dependency has changed.
 */
export function openDependencies(
  path: string,
  name: string,
  service: ServiceDirectory,
  onChange: () => void,
  warn: (message: string) => void,
): Dependencies {
  const listeners = new Map<string, Listener>();
  let siblings: ServiceDirectory | null = null;

  const pathOf = (sibling: string): string | null => {
    try {
      // This process never changes its directory, so that the path means the same as at the start.
      siblings ??= openServiceDirectory(dirname(resolve(path)), "open directory of services");
      return siblings.path(sibling);
    } catch (error) {
      if (error instanceof SystemError) return null;
      throw error;
    }
  };

  const listen = (names: readonly string[]): boolean => {
    for (const [sibling, listener] of listeners) {
      if (names.includes(sibling) && listener.isAlive()) continue;
      listener.close();
      listeners.delete(sibling);
    }
    let isNew = false;
    for (const sibling of names) {
      const directory = listeners.has(sibling) ? null : pathOf(sibling);
      const listener = directory === null ? null : listenTo(supervisePath(directory), name, onChange);
      if (listener === null) continue;
      listeners.set(sibling, listener);
      isNew = true;
    }
    return isNew;
  };

  let isTold = false;
  /** Throws where there may be some, but nobody knows which. */
  const listOwn = (): readonly string[] => {
    try {
      return listDependencies(service.path("."));
    } catch (error) {
      if (errnoOf(error) !== errno.ENOTDIR) throw error;
      if (!isTold) warn(`unable to read ${dependenciesDirectory}: ${reasonOf(errno.ENOTDIR)}`);
      isTold = true;
      return [];
    }
  };

  const look = (own: readonly string[]): Waiting => {
    const found = new Map<string, Judgement>();
    return findWaiting(name, {
      find: (sibling) => {
        const known = found.get(sibling) ?? findService(pathOf(sibling));
        found.set(sibling, known);
        return known;
      },
      needsOf: (sibling) => (sibling === name ? own : listNeeds(pathOf(sibling))),
    });
  };

  return {
    check: () => {
      let own: readonly string[];
      try {
        own = listOwn();
      } catch (error) {
        // Too late is better than too early: another look comes, as for any that is not satisfied.
        return {
          names: [dependenciesDirectory],
          problem: `unable to read it: ${reasonOf(errnoOf(error))}`,
          note: null,
        };
      }
      const first = look(own);
      // What has changed before we listened would go unnoticed.
      const waiting = listen(first.names) ? look(own) : first;
      if (waiting.names.length === 0) listen([]);
      return waiting;
    },
    forget: () => void listen([]),
  };
}

function listNeeds(directory: string | null): readonly string[] {
  if (directory === null) return [];
  try {
    return listDependencies(directory);
  } catch {
    return [];
  }
}

function findService(directory: string | null): Judgement {
  try {
    if (directory === null || !statSync(directory).isDirectory()) return missing;
  } catch {
    return missing;
  }
  try {
    const supervise = supervisePath(directory);
    // What a supervisor that is gone has left behind means nothing.
    return isSupervised(`${supervise}/ok`, "supervise/ok") ? readState(supervise) : unsatisfied;
  } catch (error) {
    if (error instanceof SystemError) return unsatisfied;
    throw error;
  }
}

/** Milliseconds after which a status that `state.json` does not go with is taken for that of a supervisor that writes none. */
const settlingTime = 10_000;

function readState(supervise: string): Judgement {
  const path = `${supervise}/status`;
  const record = readStatusFile(path, "supervise/status");
  if (record === null) return unsatisfied;
  const text = readTextOrNull(`${supervise}/state.json`);
  const details = text === null ? null : decodeDetails(text, record);
  // `state.json` is written after `status`: for a moment it is of the state before.
  if (details === null && text !== null && Math.abs(ageOf(path)) < settlingTime) return unsatisfied;
  return judgeDependency(record, details, Date.now() / 1000);
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
