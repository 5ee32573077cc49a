/** Times of the reader's own zone. */
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const minutes = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const days = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

/** `14:05:07`. */
export function clockTime(millis: number): string {
  return clock.format(millis);
}

/** With its date. */
export function wholeTime(millis: number): string {
  return whole.format(millis);
}

/** A mark of a scale whose marks are so far apart. */
export function tickTime(millis: number, stepSeconds: number): string {
  if (stepSeconds >= 86_400) return days.format(millis);
  return stepSeconds >= 60 ? minutes.format(millis) : clock.format(millis);
}

/** Minutes by which the reader's zone is ahead of UTC at that moment. */
export function zoneMinutes(millis: number): number {
  return -new Date(millis).getTimezoneOffset();
}

/** The time of a line of a log: `14:05:07.123`, and for whoever points at it the date and the rest. */
export function lineTime(iso: string): { readonly short: string; readonly full: string } {
  const millis = Date.parse(iso);
  const fraction = (/\.(\d{3})/.exec(iso)?.[1] ?? "000").padEnd(3, "0");
  return { short: `${clock.format(millis)}.${fraction}`, full: `${whole.format(millis)} (${iso})` };
}
