import type { Effect } from "./effect.ts";
import type { Slot } from "./slot.ts";

/** What became of a slot, and what is to be done about it, in this order. */
export interface SlotStep {
  readonly slot: Slot;
  readonly effects: readonly Effect[];
}

/** A step to `slot` with these effects. */
export function stepTo(slot: Slot, ...effects: readonly Effect[]): SlotStep {
  return { slot, effects };
}

/** Goes on from where a step has led to; the effects of the first come first. */
export function andThen({ slot, effects }: SlotStep, next: (slot: Slot) => SlotStep): SlotStep {
  const then = next(slot);
  return { slot: then.slot, effects: joined(effects, then.effects) };
}

/** Effects, and those that come after them. Most often there are none of one of the two. */
export function joined(effects: readonly Effect[], more: readonly Effect[]): readonly Effect[] {
  if (more.length === 0) return effects;
  return effects.length === 0 ? more : [...effects, ...more];
}
