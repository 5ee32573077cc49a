import type { Span } from "@upkeep/client/core/curve";
import type { JSX } from "preact";

import { spark } from "../../core/page/spark.ts";

const box = { width: 84, height: 20 } as const;
/** So many values of a service are in a curve of the table. */
const capacity = 60;

/** A small curve of the last two minutes, for the eye alone: the number beside it says what is. */
export function Curve({
  values,
  span,
  kind,
}: {
  readonly values: readonly number[];
  readonly span: Span;
  readonly kind: "cpu" | "memory";
}): JSX.Element {
  const { line, area } = spark(values, capacity, span, box);
  return (
    <svg class={`curve ${kind}`} viewBox={`0 0 ${box.width} ${box.height}`} aria-hidden="true">
      <path class="ground" d={`M0 ${box.height - 0.5}H${box.width}`} />
      {line !== "" && (
        <>
          <path class="area" d={area} />
          <path class="line" d={line} />
        </>
      )}
    </svg>
  );
}
