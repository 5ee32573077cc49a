import { closeSync, constants, openSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { errno } from "@upkeep/linux/core/errno";
import { isThere } from "@upkeep/linux/fd/files";
import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";

import type { Answer } from "../core/event.ts";
import type { Placed, PlacedRequest } from "./placed-spawn.ts";
import { StartFailures } from "./start-failures.ts";

/** Starts a program of the service in a session of its own. */
type Start = (request: PlacedRequest) => Placed;

/** Starts `./check`, again and again. */
export class Checks {
  readonly #service: ServiceDirectory;
  readonly #start: Start;
  readonly #failures: StartFailures;
  /** A descriptor of /dev/null; null as long as none was opened. */
  #nullDevice: number | null = null;

  constructor(service: ServiceDirectory, say: Diagnostics, start: Start) {
    this.#service = service;
    this.#start = start;
    this.#failures = new StartFailures(say);
  }

  start(): Answer & { readonly kind: "checkStarted" | "checkFailed" } {
    // It runs again and again: its output would only fill the log.
    const silent = this.#openNullDevice();
    const stdio = [silent, silent, silent] as const;
    const request = { path: "./check", argv: ["./check"], directory: this.#service.fd, stdio };
    let result = this.#start(request);
    // ENOENT speaks of the interpreter, unless the file was put there since: a second try tells.
    if (!result.ok && result.errno === errno.ENOENT && !this.#isMissing(result)) result = this.#start(request);
    if (result.ok) {
      this.#failures.checkStarted();
      return { kind: "checkStarted", process: result.process };
    }
    // Somebody is replacing the file, most likely. If it stays away, the service is late, and a warning says so.
    if (this.#isMissing(result)) return { kind: "checkFailed", retry: true };
    return { kind: "checkFailed", retry: this.#failures.ofCheck(this.#service, result.errno) };
  }

  close(): void {
    if (this.#nullDevice !== null) closeSync(this.#nullDevice);
    this.#nullDevice = null;
  }

  #isMissing(result: Placed): boolean {
    return !result.ok && result.errno === errno.ENOENT && !isThere(this.#service.path("check"));
  }

  /** Null where there is no descriptor to be had. */
  #openNullDevice(): number | null {
    try {
      this.#nullDevice ??= openSync("/dev/null", constants.O_RDWR);
    } catch {
      return null;
    }
    return this.#nullDevice;
  }
}
