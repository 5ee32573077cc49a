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

/** The files with a value, by their names. */
export const settingKinds: Readonly<Record<string, ValueKind<unknown>>> = {
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
  "flag-kill-orphans",
  "no-setsid",
];
