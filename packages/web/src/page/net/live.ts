import { effect, type Signal, untracked } from "@preact/signals";

import { beatMillis, type BeatEvent, type ChangeEvent, type StateEvent, type UseEvent } from "../../core/api.ts";
import { isSilent, lose, retry } from "../../core/page/connection.ts";
import { type Model, sample, takeBeat, takeChange, takeState, takeUse } from "../../core/page/model.ts";
import { wellFormedJson } from "../../core/shown-name.ts";
import { measurePaint } from "../paint.ts";
import type { Store } from "../store.ts";
import { openStream, type Stream } from "./stream.ts";

/** Every so often the curves get a value, in ms. */
const sampleMillis = 2000;
/** A page that nobody sees lets go of the server after this time, in ms: the server looks only while somebody does. */
const hiddenMillis = 30_000;

/** Keeps the page as the server tells, and connects again whenever it has to. */
export function keepLive(store: Store): void {
  const { connection, heardAt, tick } = store;
  let stream: Stream | null = null;
  let lastId: string | null = null;
  let hiddenSince: number | null = null;

  const disconnect = (): void => {
    lastId = stream?.lastId() ?? lastId;
    stream?.close();
    stream = null;
  };

  const connect = (): void => {
    disconnect();
    stream = openStream("events", store.model.peek().serverMillis === null ? null : lastId, {
      event: (name, data) => {
        const heard = performance.now();
        heardAt.value = heard;
        connection.value = { kind: "live", heardAt: heard };
        take(store, name, wellFormedJson(data));
      },
      ended: (status, reason) => {
        disconnect();
        if (status === 401) connection.value = { kind: "locked" };
        else connection.value = lose(connection.peek(), reason, performance.now());
      },
    });
  };

  effect(() => {
    if (connection.value.kind === "connecting") untracked(connect);
  });

  const everySecond = (): void => {
    const at = performance.now();
    tick.value = at;
    const state = connection.peek();
    if (hiddenSince !== null && at - hiddenSince > hiddenMillis && state.kind === "live") {
      disconnect();
      connection.value = { ...lose(state, "the page was not visible", at), retryAt: Infinity };
    } else if (isSilent(state, beatMillis, at)) {
      disconnect();
      connection.value = lose(state, "the server is silent", at);
    } else if (state.kind === "lost" && at >= state.retryAt) connection.value = retry(state);
    if (state.kind === "live") advance(store, at);
  };
  setInterval(everySecond, 1000);
  setInterval(() => {
    if (connection.peek().kind === "live") update(store.model, (model) => sample(model, store.now.peek()));
  }, sampleMillis);

  document.addEventListener("visibilitychange", () => {
    hiddenSince = document.hidden ? performance.now() : null;
    if (!document.hidden) connection.value = retry(connection.peek());
  });
  globalThis.addEventListener("online", () => {
    connection.value = retry(connection.peek());
  });
}

function update(model: Signal<Model>, change: (before: Model) => Model): void {
  model.value = change(model.peek());
}

function take(store: Store, name: string, data: string): void {
  const count = takeEvent(store.model, name, data);
  if (count === null) return;
  advance(store, performance.now());
  if (name !== "beat") measurePaint(name, count);
}

/** Returns how many services it told of; null for an event of a later server. */
function takeEvent(model: Signal<Model>, name: string, data: string): number | null {
  switch (name) {
    case "state": {
      const event = JSON.parse(data) as StateEvent;
      update(model, (before) => takeState(before, event));
      return event.services.length;
    }
    case "change": {
      const event = JSON.parse(data) as ChangeEvent;
      update(model, (before) => takeChange(before, event));
      return event.services.length + event.removed.length;
    }
    case "use": {
      const event = JSON.parse(data) as UseEvent;
      update(model, (before) => takeUse(before, event));
      return event.uses.length;
    }
    case "beat":
      update(model, (before) => takeBeat(before, JSON.parse(data) as BeatEvent));
      return 0;
    default:
      return null;
  }
}

/** The server's clock goes on between its events. */
function advance({ model, now, heardAt }: Store, at: number): void {
  const { serverMillis } = model.peek();
  if (serverMillis !== null) now.value = Math.floor((serverMillis + at - (heardAt.peek() ?? at)) / 1000) * 1000;
}
