import type { Zone } from "./zone.ts";

/** Shows moments, in microseconds since 1970, as people read them. */
export interface TimeText {
  /** `2026-11-28 08:23:43.056`, in local time; in UTC `2026-11-28T08:23:43.056Z`. */
  show(micros: number): string;
}

export function createTimeText(zone: Zone | "utc"): TimeText {
  return {
    show: (micros) => {
      const seconds = Math.floor(micros / 1e6);
      const fraction = String(Math.floor((micros - seconds * 1e6) / 1000)).padStart(3, "0");
      if (zone === "utc") return `${isoSeconds(seconds)}.${fraction}Z`;
      return `${isoSeconds(zone.toCivil(seconds)).replace("T", " ")}.${fraction}`;
    },
  };
}

/** ISO 8601 in UTC with microseconds, for programs. */
export function isoMicros(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  return `${isoSeconds(seconds)}.${String(Math.floor(micros - seconds * 1e6)).padStart(6, "0")}Z`;
}

/** Broken stamps may name moments that no calendar has. */
function isoSeconds(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "????-??-??T??:??:??" : date.toISOString().slice(0, 19);
}
