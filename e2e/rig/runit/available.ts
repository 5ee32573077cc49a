/* Services as on Debian: their directories are elsewhere, and a link in the scan directory enables one. */
import { mkdirSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { shellScript } from "../core/files.ts";
import type { ProgramSpec } from "../scripted/program.ts";
import type { ScriptedService, ServiceSpec } from "../scripted/service.ts";
import type { TestRig } from "../core/test-rig.ts";

/** Makes a service directory that is not enabled yet. */
export function available(rig: TestRig, name: string, spec: ServiceSpec): ScriptedService {
  const parent = rig.path("available");
  mkdirSync(parent, { recursive: true });
  return rig.service(name, spec, parent);
}

export function enable(rig: TestRig, service: ScriptedService): void {
  symlinkSync(service.path, join(rig.services, service.name));
}

export function disable(rig: TestRig, service: ScriptedService): void {
  unlinkSync(join(rig.services, service.name));
}

/** A script of these lines for /bin/sh. */
export function shell(...lines: readonly string[]): ProgramSpec {
  return { text: shellScript(...lines) };
}

/** A log service as people write it, for `log: { run: logRun }`. {@link logged} reads what it has got. */
export const logRun: ProgramSpec = shell(
  "mkdir -p main",
  "if command -v svlogd >/dev/null; then exec svlogd -tt main; fi",
  "exec cat >>main/current",
);

/** What the log service of {@link logRun} has written so far. */
export function logged(rig: TestRig, service: ScriptedService): string {
  return rig.read(service.file("log/main/current"));
}
