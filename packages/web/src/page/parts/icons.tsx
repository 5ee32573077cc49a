import type { JSX } from "preact";

const shapes = {
  start: "M5 3.5v9l7.5-4.5z",
  stop: "M4 4h8v8H4z",
  restart: "M12.5 8a4.5 4.5 0 1 1-1.4-3.3M12.5 2v3h-3",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14",
  back: "M9.5 3 4.5 8l5 5",
  help: "M6 6a2 2 0 1 1 2.8 1.8c-.5.3-.8.7-.8 1.4M8 11.8h.01",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z",
  system: "M2 3.5h12v7.5H2zM6 13.5h4M8 11v2.5",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  follow: "M8 3v9M4.5 8.5 8 12l3.5-3.5",
  wrap: "M2.5 4h11M2.5 8h9a2.2 2.2 0 0 1 0 4.4H8M9.5 10.6 7.7 12.4l1.8 1.8M2.5 12.4h2.5",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  download: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11",
  clear: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9",
  close: "M4 4l8 8M12 4l-8 8",
} as const;

export type IconName = keyof typeof shapes;

const kinds: Readonly<Partial<Record<IconName, string>>> = { start: "filled", stop: "filled", more: "thick" };

/** A small picture beside or instead of words; who cannot see it gets the words of its button. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class={`icon ${kinds[name] ?? ""}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[name]} />
    </svg>
  );
}
