import type { Refusal } from "../../core/page/bulk.ts";
import { fullName, type PageService } from "../../core/page/rows.ts";
import { apiPrefix, controlHeader, type ErrorBody, type ServiceDetail, type Session } from "../../core/api.ts";
import { wellFormedJson } from "../../core/shown-name.ts";

/** What came of a request: its answer, or why there is none. `status` is 0 where no server was reached. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly message: string };

/** The address of a route, below wherever the page was loaded from: a proxy may have put it below a path. */
export function addressOf(route: string): string {
  return new URL(`.${apiPrefix}/${route}`, document.baseURI).href;
}

export async function getSession(): Promise<Answer<Session>> {
  return await ask<Session>("session");
}

/** Signs in; the answer to a token that is right is a cookie. */
export async function signIn(token: string): Promise<Answer<null>> {
  // A header holds characters of one byte each, and no token has others.
  if (/[^\x20-\x7e]/.test(token)) return { ok: false, status: 401, message: "this is no token" };
  return await ask<null>("session", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, [controlHeader]: "1" },
  });
}

export async function getDetail(id: string): Promise<Answer<ServiceDetail>> {
  return await ask<ServiceDetail>(`services/${id}`);
}

/** Asks a supervisor for something, by a word of `sv`. */
export async function act(id: string, word: string): Promise<Answer<unknown>> {
  return await ask(`services/${id}/${word}`, { method: "POST", headers: { [controlHeader]: "1" } });
}

/** So many requests are under way at a time: browsers allow six to a server, of which two may be streams. */
const mostRequests = 4;

/** Asks the supervisors of many services. Returns those that could not be asked, and why. */
export async function actOnAll(services: readonly PageService[], word: string): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  const left = services.values();
  const askInTurn = async (): Promise<void> => {
    for (const service of left) {
      const answer = await act(service.id, word);
      if (!answer.ok) refusals.push({ name: fullName(service), message: answer.message });
    }
  };
  await Promise.all(Array.from({ length: mostRequests }, askInTurn));
  return refusals;
}

async function ask<T>(route: string, options: RequestInit = {}): Promise<Answer<T>> {
  try {
    const response = await fetch(addressOf(route), { cache: "no-store", credentials: "same-origin", ...options });
    const text = wellFormedJson(await response.text());
    if (response.ok) return { ok: true, value: (text === "" ? null : JSON.parse(text)) as T };
    return { ok: false, status: response.status, message: messageOf(text) ?? `the server says ${response.status}` };
  } catch {
    return { ok: false, status: 0, message: "the server does not answer" };
  }
}

/** The message of an error's body; null where it is something else, as of a proxy. */
export function messageOf(body: string): string | null {
  try {
    return (JSON.parse(body) as Partial<ErrorBody>).error?.message ?? null;
  } catch {
    return null;
  }
}
