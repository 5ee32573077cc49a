import { errno, errnoOf, reasonOf } from "@upkeep/linux/core/errno";

import { hasFile, ownerMayExecute, readSetting, type ServiceDirectory } from "./directory.ts";
import {
  defaultPolicy,
  defaultSettings,
  type Readiness,
  type ReadyAfter,
  type RestartPolicy,
  type RunSettings,
} from "../core/run-settings.ts";
import { settingKinds, type SettingValues } from "../core/known-files.ts";

/** The settings for a start of `./run`, see docs/service-directory.md. */
export interface StartSettings extends RunSettings {
  readonly hasSession: boolean;
}

/** Bytes of a value that a message shows. */
const shown = 40;

/**
 * Reads the settings for a start. A bad value is ignored, with a warning that names the file, the value and what is
 * allowed. A log has no policy, readiness or `finish`.
 */
export function readSettings(
  directory: ServiceDirectory,
  slot: "service" | "log",
  warn: (message: string) => void,
): StartSettings {
  const reader = openReader(directory, slot === "log" ? "log/" : "", warn);
  const hasSession = !reader.hasFlag("no-setsid");
  const common = {
    hasSession,
    // Without a session of its own ./run is in our group, which has other members as well.
    endsLeftovers: hasSession && !reader.hasFlag("flag-keep-leftovers"),
    timeoutKill: reader.read("timeout-kill"),
    downSignal: reader.read("down-signal") ?? defaultSettings.downSignal,
  };
  // An orphan does not tell whose it was. All of them count as the service's.
  if (slot === "log") return { ...defaultSettings, ...common };
  return {
    ...common,
    endsOrphans: hasSession && reader.hasFlag("flag-kill-orphans"),
    timeoutFinish: reader.read("timeout-finish") ?? defaultSettings.timeoutFinish,
    policy: readPolicy(reader, warn),
    readiness: readReadiness(reader),
  };
}

/** Reads the files of one directory, most of which are not there. */
interface Reader {
  readonly hasFlag: (entry: string) => boolean;
  /** The value of a file; null when there is none, or a bad one: `instead` says what becomes of that. */
  readonly read: <Name extends keyof SettingValues>(entry: Name, instead?: string) => SettingValues[Name] | null;
  /** Whether the permissions of a script let it be run; a warning tells of a script that cannot be run. */
  readonly isExecutable: (entry: string) => boolean;
}

function readPolicy({ hasFlag, read }: Reader, warn: (message: string) => void): RestartPolicy {
  const policy: RestartPolicy = {
    restart: read("restart") ?? defaultPolicy.restart,
    heedsFinish: hasFlag("restart"),
    exitOk: read("exit-ok") ?? defaultPolicy.exitOk,
    delay: read("restart-delay") ?? defaultPolicy.delay,
    limit: read("restart-limit"),
    critical: hasFlag("flag-critical") ? (read("flag-critical", "taken as empty") ?? "failure") : "no",
  };
  if (policy.critical === "failure" && !policy.heedsFinish && policy.limit === null) {
    warn("flag-critical: without restart or restart-limit no failure is for good");
  }
  return policy;
}

function readReadiness({ read, isExecutable }: Reader): Readiness | null {
  const fd = read("notification-fd");
  if (fd !== null) return { kind: "notification-fd", fd };
  const uptime = read("ready-after");
  const otherwise: ReadyAfter | null = uptime === null ? null : { kind: "ready-after", millis: uptime };
  return isExecutable("check") ? { kind: "check", otherwise } : otherwise;
}

function openReader(directory: ServiceDirectory, label: string, warn: (message: string) => void): Reader {
  directory.list();
  const isThere = (entry: string): boolean => directory.mayHave(entry);
  return {
    hasFlag: (entry) => hasFile(directory, entry),
    read: (entry, instead = "ignored") => {
      const { parse, allowed } = settingKinds[entry];
      const text = isThere(entry) ? readText(directory, entry, label, warn) : null;
      if (text === null) return null;
      const value = parse(text);
      const quoted = JSON.stringify(text.slice(0, shown));
      if (value === null) warn(`${label}${entry}: ${quoted} is not ${allowed}, ${instead}`);
      return value;
    },
    isExecutable: (entry) => {
      const may = isThere(entry) ? mayExecute(directory, entry) : null;
      if (may === false) warn(`${label}${entry}: is not executable, ignored`);
      return may ?? false;
    },
  };
}

function readText(
  directory: ServiceDirectory,
  entry: string,
  label: string,
  warn: (message: string) => void,
): string | null {
  try {
    return readSetting(directory, entry).trim();
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) warn(`unable to read ${label}${entry}: ${reasonOf(errnoOf(error))}`);
    return null;
  }
}

/** Null where there is nothing, or no permission to stat it. */
function mayExecute(directory: ServiceDirectory, entry: string): boolean | null {
  try {
    return ownerMayExecute(directory, entry);
  } catch {
    return null;
  }
}
