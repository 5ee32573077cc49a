import { isDeepStrictEqual } from "node:util";
import { contentOf } from "../core/files.ts";
import type { ScriptedService } from "../scripted/service.ts";
import type { TestRig } from "../core/test-rig.ts";

/** What `supervise/state.json` says. */
export type StateJson = Readonly<Record<string, unknown>>;

/** A service directory, as far as its state goes. */
export type Supervised = Pick<ScriptedService, "name" | "file">;

/** `supervise/state.json` of a service; empty when it is not there. */
export function stateJson(service: Supervised): StateJson {
  const text = contentOf(service.file("supervise/state.json"));
  return text === "" ? {} : (JSON.parse(text) as StateJson);
}

/** Pid of the supervisor of a service, by its record; 0 where there is none. */
export function supervisorOf(service: Supervised): number {
  return (stateJson(service)["supervisor"] as { readonly pid: number } | undefined)?.pid ?? 0;
}

/** Waits until all these fields of `supervise/state.json` are so, and returns the whole of it. */
export async function stateToBe(rig: TestRig, service: Supervised, fields: StateJson): Promise<StateJson> {
  return await rig.until(`state.json of ${service.name} to be ${JSON.stringify(fields)}`, () => {
    const state = stateJson(service);
    return Object.entries(fields).every(([name, value]) => isDeepStrictEqual(state[name], value)) ? state : undefined;
  });
}
