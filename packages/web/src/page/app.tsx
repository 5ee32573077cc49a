import { harmless } from "@upkeep/program/core/one-line";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import { countMoods } from "../core/page/rows.ts";
import { Dialogs, Toasts } from "./parts/dialogs.tsx";
import { Header, OldBanner } from "./parts/header.tsx";
import { Overview } from "./parts/overview.tsx";
import { ServicePage } from "./parts/service.tsx";
import { type Store, StoreProvider, useStore } from "./store.ts";

/** The whole page. */
export function App({ store }: { readonly store: Store }): JSX.Element {
  return (
    <StoreProvider value={store}>
      <Screen />
    </StoreProvider>
  );
}

function Screen(): JSX.Element {
  const { route, old } = useStore();
  const shown = route.value;
  useTitle();
  return (
    <div class={old.value === null ? "screen" : "screen is-old"}>
      <Header />
      <OldBanner />
      {shown.kind === "overview" ? <Overview /> : <ServicePage key={shown.id} id={shown.id} />}
      <Toasts />
      <Dialogs />
    </div>
  );
}

/** The title of the window says at a glance whether anything is wrong. */
function useTitle(): void {
  const { model, now, current } = useStore();
  const bad = countMoods(model.value.services, now.value / 1000).bad;
  const name = current.value?.snapshot.label;
  const title = `${bad === 0 ? "" : `${bad} in trouble · `}${name === undefined ? "" : `${harmless(name)} · `}Upkeep`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
