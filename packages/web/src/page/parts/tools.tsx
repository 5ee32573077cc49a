import { memory } from "@upkeep/client/core/amounts";
import { type SortKey, sortKeys } from "@upkeep/client/core/order";
import type { JSX } from "preact";

import { mainActions } from "../../core/page/actions.ts";
import { bulkOf } from "../../core/page/bulk.ts";
import { bulkKeys } from "../../core/page/keys.ts";
import type { Mood } from "../../core/page/judge.ts";
import { countMoods } from "../../core/page/rows.ts";
import { useStore } from "../store.ts";
import { actionIcons } from "./actions.tsx";
import { Icon } from "./icons.tsx";

const moods: readonly { readonly mood: Mood; readonly words: string }[] = [
  { mood: "bad", words: "trouble" },
  { mood: "busy", words: "changing" },
  { mood: "good", words: "up" },
  { mood: "off", words: "down" },
];

/** Search, counts that select, what can be done to all that are shown, and what all services use together. */
export function Tools(): JSX.Element {
  const { choice, model, now, mayControl } = useStore();
  const { services } = model.value;
  const counts = countMoods(services, now.value / 1000);
  const choose = (mood: Mood | null): void => {
    choice.value = { ...choice.value, mood: choice.value.mood === mood ? null : mood };
  };
  const percent = services.reduce((sum, { use }) => sum + (use?.percent ?? 0), 0);
  const bytes = services.reduce((sum, { use }) => sum + (use?.residentBytes ?? 0), 0);
  return (
    <div class="tools">
      <label class="search">
        <Icon name="search" />
        <span class="unseen">Search services</span>
        <input
          type="search"
          placeholder="Search"
          spellcheck={false}
          autocomplete="off"
          value={choice.value.typed}
          onInput={({ currentTarget }) => (choice.value = { ...choice.value, typed: currentTarget.value })}
        />
        <kbd>/</kbd>
      </label>
      <div class="chips" role="group" aria-label="Only services that are">
        <button type="button" aria-pressed={choice.value.mood === null} onClick={() => choose(null)}>
          all <b>{services.length}</b>
        </button>
        {moods.map(({ mood, words }) => (
          <button
            key={mood}
            type="button"
            class={mood}
            disabled={counts[mood] === 0 && choice.value.mood !== mood}
            aria-pressed={choice.value.mood === mood}
            onClick={() => choose(mood)}
          >
            <i class="dot" /> {words} <b>{counts[mood]}</b>
          </button>
        ))}
      </div>
      <Sort />
      <span class="grow" />
      {mayControl.value && <Bulk />}
      <dl class="totals">
        <dt>CPU</dt>
        <dd>{percent.toFixed(1)} %</dd>
        <dt>Memory</dt>
        <dd>{memory(bytes)}</dd>
      </dl>
    </div>
  );
}

/** What can be done to all services that the table shows. */
function Bulk(): JSX.Element {
  const { rows, orderAll } = useStore();
  const count = rows.value.length;
  return (
    <div class="bulk" role="group" aria-label="All services that are shown">
      <span>{count} shown</span>
      {(["start", "stop", "restart"] as const).map((word) => {
        const action = mainActions[word];
        const words = `${action.label} all that are shown`;
        return (
          <button
            key={word}
            type="button"
            class="quiet"
            title={`${words} (${bulkKeys[word]})`}
            aria-label={words}
            disabled={bulkOf(action, rows.value).services.length === 0}
            onClick={() => orderAll(action)}
          >
            <Icon name={actionIcons[word]} />
          </button>
        );
      })}
    </div>
  );
}

const sortWords: Readonly<Record<SortKey, string>> = {
  service: "by name",
  state: "by state",
  up: "by time in it",
  restarts: "by restarts",
  cpu: "by CPU",
  memory: "by memory",
  exit: "by last end",
};

/** The order, where there is no room for the heads of columns. */
function Sort(): JSX.Element {
  const { choice } = useStore();
  const { key, isReversed } = choice.value.sort;
  return (
    <div class="sort">
      <select
        aria-label="Order of the services"
        value={key}
        onChange={({ currentTarget }) => {
          const next = sortKeys.find((one) => one === currentTarget.value) ?? "service";
          choice.value = { ...choice.value, sort: { key: next, isReversed: false } };
        }}
      >
        {sortKeys.map((one) => (
          <option key={one} value={one}>
            {sortWords[one]}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="quiet"
        aria-label="The other way round"
        aria-pressed={isReversed}
        onClick={() => (choice.value = { ...choice.value, sort: { key, isReversed: !isReversed } })}
      >
        {isReversed ? "↑" : "↓"}
      </button>
    </div>
  );
}
