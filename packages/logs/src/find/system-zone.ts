import type { Zone } from "../core/zone.ts";

/** Seconds in which a zone does not change: all offsets and changes of today's zones are whole quarters of an hour. */
const quarter = 900;

/** The zone that TZ or the system says. Asking the runtime takes long, so the last answer is kept for its quarter of an hour. */
export function createSystemZone(): Zone {
  let known = Number.NaN;
  let offset = 0;
  return {
    toUtc: (civil) => {
      const date = new Date(civil * 1000);
      const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
      const local = new Date(year, month, day, date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds());
      return local.getTime() / 1000;
    },
    toCivil: (utc) => {
      const current = Math.floor(utc / quarter);
      if (current !== known) {
        known = current;
        offset = -60 * new Date(utc * 1000).getTimezoneOffset();
      }
      return utc + offset;
    },
  };
}
