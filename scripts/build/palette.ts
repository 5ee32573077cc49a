import { alsoOnDarkSystems } from "./themes.ts";

/** The first sixteen colours of a terminal, for a light and a dark ground. Each can be read on its ground. */
const light = [
  ["#161c26", "#b3261e", "#1b7d4d", "#8a5a00", "#2458c6", "#8a3fa8", "#0c7489", "#5d6878"],
  ["#5d6878", "#d13c33", "#238a58", "#9a6a00", "#3b6fe0", "#a250c2", "#12829a", "#3c4655"],
].flat();
const dark = [
  ["#7d8896", "#f4777c", "#7fd39b", "#e6c07b", "#82aaff", "#d3a0f0", "#7fd0dc", "#cdd5df"],
  ["#98a3b1", "#ff9a9e", "#9fe6b6", "#f5d79a", "#a5c2ff", "#e3bff7", "#a3e4ee", "#ffffff"],
].flat();

/** The steps of the cube of 6 x 6 x 6 colours. Source: xterm's 256colres.pl. */
const steps = [0, 95, 135, 175, 215, 255] as const;

/** Classes for the 256 colours of terminals, as text and as ground: the page may set no styles in its markup. */
export function renderPalette(): string {
  const numbers = Array.from({ length: 256 }, (_, index) => index);
  const rules = numbers.map((number) => {
    const name = number < 16 ? `var(--c${number})` : colourOf(number);
    return `.fg-${number}{color:${name}}.bg-${number}{background:${name}}`;
  });
  return [
    `:root{${variables(light)}}`,
    alsoOnDarkSystems(`:root[data-theme="dark"]{${variables(dark)}}`),
    ".fg-text{color:var(--text)}.bg-text{background:var(--text)}",
    ".fg-ground{color:var(--panel)}.bg-ground{background:var(--panel)}",
    ...rules,
  ].join("\n");
}

function variables(colours: readonly string[]): string {
  return colours.map((colour, number) => `--c${number}:${colour}`).join(";");
}

/** A colour above the first sixteen: of the cube, or a grey. */
function colourOf(number: number): string {
  const grey = 8 + 10 * (number - 232);
  const cube = number - 16;
  const parts =
    number < 232
      ? [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) => steps[step] ?? 0)
      : [grey, grey, grey];
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
