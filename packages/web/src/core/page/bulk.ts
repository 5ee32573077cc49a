import { type Action, isPossible } from "./actions.ts";
import { fullName, type PageService } from "./rows.ts";

/** The same for many services. */
export interface Bulk {
  readonly action: Action;
  /** Those for which it makes sense, in the order of the table. */
  readonly services: readonly PageService[];
  /** How many of those that were meant it makes no sense for. */
  readonly leftOut: number;
}

/** An action for all services that the table shows. A restart starts none that is down because it is wanted down. */
export function bulkOf(action: Action, shown: readonly PageService[]): Bulk {
  const services = shown.filter(({ snapshot }) => {
    const { state } = snapshot;
    const isMeant = "record" in state && (state.record.want === "up" || state.record.pid !== 0);
    return isPossible(action, snapshot) && (action.word !== "restart" || isMeant);
  });
  return { action, services, leftOut: shown.length - services.length };
}

/** So many names are in a question at most. */
const mostNames = 40;

/** What somebody is asked before it is done: how many there are, and which. */
export function questionOf({ action, services, leftOut }: Bulk): {
  readonly title: string;
  readonly names: string;
  readonly leftOut: string;
} {
  const names = services.slice(0, mostNames).map(fullName).join(", ");
  const more = services.length - mostNames;
  return {
    title: `${action.label} ${countOf(services.length)}?`,
    names: more > 0 ? `${names} and ${more} more` : names,
    leftOut: leftOut === 0 ? "" : `${leftOut} more of those that are shown stay as they are: there is nothing to do.`,
  };
}

/** A service that could not be asked. */
export interface Refusal {
  readonly name: string;
  readonly message: string;
}

/** What came of it. */
export function tellBulk({ action, services }: Bulk, refusals: readonly Refusal[]): string {
  const [first] = refusals;
  if (first === undefined) return `${action.label} was sent to ${countOf(services.length)}`;
  const others = refusals.length === 1 ? "" : `, and ${refusals.length - 1} more could not be asked`;
  const sent = services.length - refusals.length;
  return `${action.label} was sent to ${sent} of ${countOf(services.length)}. ${first.name}: ${first.message}${others}`;
}

function countOf(number: number): string {
  return number === 1 ? "1 service" : `${number} services`;
}
