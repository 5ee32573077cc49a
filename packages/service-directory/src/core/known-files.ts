import type { RestartDelay, RestartPolicy } from "./run-settings.ts";
import {
  criticalMode,
  descriptor,
  millis,
  restartDelay,
  restartLimit,
  restartMode,
  signal,
  success,
  type ValueKind,
} from "./setting-values.ts";

/** What the files with a value hold, by their names. */
export interface SettingValues {
  readonly "down-signal": number;
  readonly "timeout-kill": number;
  readonly "timeout-finish": number;
  readonly "notification-fd": number;
  readonly "ready-after": number;
  readonly restart: RestartPolicy["restart"];
  readonly "exit-ok": RestartPolicy["exitOk"];
  readonly "restart-delay": RestartDelay;
  readonly "restart-limit": NonNullable<RestartPolicy["limit"]>;
  readonly "flag-critical": "failure" | "any-exit";
}

/** The kinds of those values. */
export const settingKinds: { readonly [Name in keyof SettingValues]: ValueKind<SettingValues[Name]> } = {
  "down-signal": signal,
  "timeout-kill": millis,
  "timeout-finish": millis,
  "notification-fd": descriptor,
  "ready-after": millis,
  restart: restartMode,
  "exit-ok": success,
  "restart-delay": restartDelay,
  "restart-limit": restartLimit,
  "flag-critical": criticalMode,
};

/** The other files that mean something to us. */
export const otherKnownFiles: readonly string[] = [
  "run",
  "finish",
  "check",
  "down",
  "log",
  "control",
  "supervise",
  "dependencies.d",
  "log-prefix",
  "flag-keep-leftovers",
  "flag-keep-stderr",
  "flag-kill-orphans",
  "no-setsid",
];
