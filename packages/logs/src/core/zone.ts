/** Local time, in seconds. `civil` counts as if the local clock showed UTC. */
export interface Zone {
  toUtc(civil: number): number;
  toCivil(utc: number): number;
}

/** The zone in which local time is UTC. */
export const utc: Zone = { toUtc: (civil) => civil, toCivil: (seconds) => seconds };
