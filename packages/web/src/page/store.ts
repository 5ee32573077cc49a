import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext, type Provider } from "preact";
import { useContext } from "preact/hooks";

import type { ServiceDetail, Session } from "../core/api.ts";
import type { Action } from "../core/page/actions.ts";
import { asksFirst } from "../core/page/actions.ts";
import { type Bulk, bulkOf, tellBulk } from "../core/page/bulk.ts";
import { type Connection, firstConnection, staleness } from "../core/page/connection.ts";
import { emptyModel, type Model } from "../core/page/model.ts";
import { type Route, routeOf } from "../core/page/route.ts";
import { chosen, type Choice, firstChoice, fullName, type PageService } from "../core/page/rows.ts";
import { act, actOnAll, getSession, signIn } from "./net/api.ts";
import type { LogTools } from "./net/log-tools.ts";
import { applyTheme, nextTheme, storedTheme, type Theme } from "./theme.ts";

/** What lies above the page and wants an answer. */
export type Dialog =
  | { readonly kind: "help" }
  | { readonly kind: "more"; readonly service: PageService }
  | { readonly kind: "question"; readonly service: PageService; readonly action: Action }
  | { readonly kind: "bulk"; readonly bulk: Bulk };

/** A message that goes away. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isBad: boolean;
}

/** All that the page shows, and what can be done. */
export interface Store {
  readonly session: Signal<Session | null>;
  readonly connection: Signal<Connection>;
  readonly model: Signal<Model>;
  /** The server's clock in ms since 1970, by the second. It stands while what is shown is old. */
  readonly now: Signal<number>;
  readonly route: Signal<Route>;
  readonly choice: Signal<Choice>;
  readonly rows: ReadonlySignal<readonly PageService[]>;
  /** The id of the row that keys are for. */
  readonly selected: Signal<string | null>;
  readonly current: ReadonlySignal<PageService | null>;
  readonly detail: Signal<ServiceDetail | null>;
  /** The log that is shown, for the keys. */
  readonly log: Signal<LogTools | null>;
  readonly dialog: Signal<Dialog | null>;
  readonly toasts: Signal<readonly Toast[]>;
  readonly theme: Signal<Theme>;
  /** Whether the theme that is shown is dark; charts on a canvas need to know. */
  readonly isDark: Signal<boolean>;
  /** What stands above what is old; null: it is not. */
  readonly old: ReadonlySignal<string | null>;
  readonly mayControl: ReadonlySignal<boolean>;
  /** Counts seconds by the page's own clock. */
  readonly tick: Signal<number>;
  /** When the server was heard last, by the page's own clock. */
  readonly heardAt: Signal<number | null>;
  open(route: Route): void;
  /** Does it, after a question where a process may end. */
  order(service: PageService, action: Action): void;
  send(service: PageService, action: Action): Promise<void>;
  /** Asks whether it is to be done to all services that the table shows. False where there is nothing to do. */
  orderAll(action: Action): boolean;
  sendAll(bulk: Bulk): Promise<void>;
  say(text: string, isBad?: boolean): void;
  turnTheme(): void;
  loadSession(): Promise<void>;
  /** Null when it worked; else why not. */
  unlock(token: string): Promise<string | null>;
}

const StoreContext = createContext<Store | null>(null);
export const StoreProvider: Provider<Store | null> = StoreContext.Provider;

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) throw new Error("internal error: there is no store");
  return store;
}

/** A message stays so long, in ms. */
const toastMillis = { good: 4000, bad: 10_000 } as const;

export function createStore(): Store {
  const session = signal<Session | null>(null);
  const connection = signal<Connection>(firstConnection);
  const model = signal<Model>(emptyModel);
  const now = signal(0);
  const tick = signal(performance.now());
  const heardAt = signal<number | null>(null);
  const route = signal<Route>(routeOf(location.hash));
  const choice = signal<Choice>(firstChoice);
  const selected = signal<string | null>(null);
  const dialog = signal<Dialog | null>(null);
  const toasts = signal<readonly Toast[]>([]);
  const theme = signal<Theme>(storedTheme());
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = signal(systemIsDark.matches);
  let toastCount = 0;

  effect(() => {
    applyTheme(theme.value);
    isDark.value = theme.value === "system" ? systemIsDark.matches : theme.value === "dark";
  });
  systemIsDark.addEventListener("change", ({ matches }) => {
    if (theme.value === "system") isDark.value = matches;
  });

  const current = computed(() => {
    const shown = route.value;
    if (shown.kind === "overview") return null;
    return model.value.services.find(({ id }) => id === shown.id) ?? null;
  });

  const say = (text: string, isBad = false): void => {
    const id = (toastCount += 1);
    toasts.value = [...toasts.value.slice(-2), { id, text, isBad }];
    setTimeout(
      () => {
        toasts.value = toasts.value.filter((toast) => toast.id !== id);
      },
      isBad ? toastMillis.bad : toastMillis.good,
    );
  };

  const send = async (service: PageService, { word, label }: Action): Promise<void> => {
    const answer = await act(service.id, word);
    const name = fullName(service);
    if (answer.ok) say(`${label} was sent to ${name}`);
    else say(`${label} could not be sent to ${name}: ${answer.message}`, true);
  };

  const rows = computed(() => chosen(model.value.services, choice.value, now.value / 1000));
  const orderAll = (action: Action): boolean => {
    const bulk = bulkOf(action, rows.value);
    if (bulk.services.length > 0) dialog.value = { kind: "bulk", bulk };
    return bulk.services.length > 0;
  };

  const sendAll = async (bulk: Bulk): Promise<void> => {
    const refusals = await actOnAll(bulk.services, bulk.action.word);
    say(tellBulk(bulk, refusals), refusals.length > 0);
  };

  const loadSession = async (): Promise<void> => {
    const answer = await getSession();
    if (!answer.ok) return;
    session.value = answer.value;
    if (answer.value.needsToken && !answer.value.isSignedIn) connection.value = { kind: "locked" };
  };

  return {
    session,
    connection,
    model,
    now,
    route,
    choice,
    selected,
    current,
    dialog,
    toasts,
    theme,
    isDark,
    tick,
    heardAt,
    say,
    send,
    orderAll,
    sendAll,
    loadSession,
    detail: signal<ServiceDetail | null>(null),
    log: signal<LogTools | null>(null),
    rows,
    old: computed(() => staleness(connection.value, heardAt.value, tick.value)),
    mayControl: computed(() => model.value.mayControl),
    open: (next) => {
      location.hash = next.kind === "overview" ? "#/" : `#/${next.id}`;
    },
    order: (service, action) => {
      if (asksFirst(action, service.snapshot)) dialog.value = { kind: "question", service, action };
      else void send(service, action);
    },
    turnTheme: () => {
      theme.value = nextTheme(theme.value);
    },
    unlock: async (token) => {
      const answer = await signIn(token);
      if (!answer.ok) return answer.status === 401 ? "the token is wrong" : answer.message;
      connection.value = firstConnection;
      await loadSession();
      return null;
    },
  };
}
