import { harmless } from "@upkeep/program/core/one-line";
import type { JSX } from "preact";

import { type Action, isPossible } from "../../core/page/actions.ts";
import type { PageService } from "../../core/page/rows.ts";
import { useStore } from "../store.ts";
import { Icon, type IconName } from "./icons.tsx";

/** The pictures of the actions that have a button of their own. */
export const actionIcons = { start: "start", stop: "stop", restart: "restart" } as const;

const icons: Readonly<Record<string, IconName | undefined>> = actionIcons;

/** A button that asks a supervisor for something; what may end a process asks first. */
export function ActionButton({
  service,
  action,
  isSmall = false,
}: {
  readonly service: PageService;
  readonly action: Action;
  readonly isSmall?: boolean;
}): JSX.Element {
  const store = useStore();
  const icon = icons[action.word];
  const name = `${action.label} ${harmless(service.snapshot.label)}`;
  return (
    <button
      type="button"
      class={isSmall ? "quiet" : "action"}
      title={action.hint}
      aria-label={isSmall ? name : undefined}
      tabIndex={isSmall ? -1 : undefined}
      disabled={!isPossible(action, service.snapshot)}
      onClick={() => store.order(service, action)}
    >
      {icon !== undefined && <Icon name={icon} />}
      {!isSmall && action.label}
    </button>
  );
}
