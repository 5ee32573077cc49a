import type { Row } from "../scenarios/scenario.ts";

/** A figure with as many digits as say something. */
export function renderNumber(value: number): string {
  // What has not happened even once must not look as if it nearly had.
  if (value === 0) return "0";
  const size = Math.abs(value);
  const digits = size < 1 ? 2 : size < 10 ? 1 : 0;
  return value.toFixed(digits).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** How many times the reference a figure is; empty where that says nothing. */
export function renderRatio(value: number, reference: number | undefined): string {
  if (reference === undefined || reference <= 0 || value <= 0) return "";
  const ratio = value / reference;
  return `${ratio < 10 ? Number(ratio.toPrecision(2)) : ratio.toFixed(0)}×`;
}

/** "cold start" in "ms": the label with its unit. */
export function renderLabel({ label, unit }: Row): string {
  return unit === "" ? label : `${label}, ${unit}`;
}
