/**
 * Measures how long it takes until a change is on the screen, as the entry `upkeep-paint` of the browser's performance
 * timeline. Nothing is kept: whoever wants to know observes entries of the type `measure`.
 *
 * @param kind the event that told of the change. @param count how many services or lines it told of.
 */
export function measurePaint(kind: string, count: number): void {
  const start = performance.now();
  requestAnimationFrame(() => {
    // A message comes after the frame has been drawn.
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => {
      port1.close();
      performance.measure(measureName, { start, end: performance.now(), detail: { kind, count } });
      performance.clearMeasures(measureName);
    });
    port1.start();
    port2.postMessage(null);
  });
}

const measureName = "upkeep-paint";
