/** Seconds as people read them, in the two largest units: `59s`, `3m05s`, `2h13m`, `4d03h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m${two(whole % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d${two(hours % 24)}h`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

/** Milliseconds as people compare them: `312ms`, `4.812s`, `3m05s`. */
export function span(millis: number): string {
  const whole = Math.round(millis);
  if (whole < 1000) return `${whole}ms`;
  return whole < 60_000 ? `${(whole / 1000).toFixed(3)}s` : duration(whole / 1000);
}

/** Processor time. */
export function processorTime(millis: number): string {
  return millis < 60_000 ? `${(millis / 1000).toFixed(2)}s` : duration(millis / 1000);
}

/** An amount of memory. */
export function memory(count: number | null): string {
  if (count === null) return "-";
  if (count < 1024 * 1024) return `${Math.round(count / 1024)}K`;
  const megabytes = count / (1024 * 1024);
  return megabytes < 1024 ? `${megabytes.toFixed(1)}M` : `${(megabytes / 1024).toFixed(1)}G`;
}
