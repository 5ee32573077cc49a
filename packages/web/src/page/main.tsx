import { render } from "preact";

import { routeOf } from "../core/page/route.ts";
import { App } from "./app.tsx";
import { listenToKeys } from "./keys.ts";
import { keepLive } from "./net/live.ts";
import { createStore, type Store } from "./store.ts";

const root = document.querySelector("#app");
if (root === null) throw new Error("internal error: the page has no place for itself");

const store = createStore();
globalThis.addEventListener("hashchange", () => {
  store.route.value = routeOf(location.hash);
});
listenToKeys(store);
render(<App store={store} />, root);
await enter(store);
keepLive(store);

/** The address that the server prints holds its token. It goes as soon as it was used, so that no bookmark keeps it. */
async function enter(into: Store): Promise<void> {
  const [, token] = /^#token=(.+)$/.exec(location.hash) ?? [];
  if (token === undefined) {
    await into.loadSession();
    return;
  }
  history.replaceState(null, "", "#/");
  await into.unlock(decodeURIComponent(token));
}
