import type { ComponentChildren, JSX } from "preact";

/** A part of a service's page with a title. */
export function Card({
  title,
  note = "",
  tools,
  kind = "",
  children,
}: {
  readonly title: string;
  /** Beside the title. */
  readonly note?: string;
  readonly tools?: ComponentChildren;
  /** Names the class of its style. */
  readonly kind?: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <section class={`card ${kind}`} aria-label={title}>
      <div class="card-head">
        <h2>{title}</h2>
        {note !== "" && (
          <span class="muted" title={note}>
            {note}
          </span>
        )}
        <span class="grow" />
        {tools}
      </div>
      {children}
    </section>
  );
}
