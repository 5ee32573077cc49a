/**
 * Wraps an action of an engine that is called back later, by a timer or for a descriptor. Where many engines live in one
 * process, an error in one of them must end that one only.
 */
export type Contain = <Arguments extends readonly unknown[]>(
  action: (...args: Arguments) => void,
) => (...args: Arguments) => void;

/** For an engine that has its process for itself. */
export const uncontained: Contain = (action) => action;
