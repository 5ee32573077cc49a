/** A piece of a line with one look. */
interface Piece {
  readonly text: string;
  readonly colour: string;
  readonly background: string | null;
  readonly isBold: boolean;
}

/** Columns and lines in pixels. */
const cell = { width: 8.4, height: 19, size: 14 } as const;
const margin = 16;
const bar = 34;

const plain = { text: "#d8dee9", background: "#1e2430", dim: "#7f8a9e" } as const;
/** The colours of ANSI, 30 to 37. */
const colours = ["#4c566a", "#ef7b7b", "#9fce83", "#f0ce7f", "#7fb2ef", "#d69fd6", "#83cfd6", "#e5e9f0"] as const;

/** Draws what a terminal shows, as `tmux capture-pane -e` tells it, as an SVG with a title. */
export function drawTerminal(title: string, lines: readonly string[], columns: number): string {
  const width = Math.round(columns * cell.width + 2 * margin);
  const height = Math.round(lines.length * cell.height + bar + margin);
  const rows = lines.map((line, row) => drawLine(piecesOf(line), bar + row * cell.height)).join("");
  const dots = ["#ef7b7b", "#f0ce7f", "#9fce83"].map(
    (colour, at) => `<circle cx="${18 + at * 18}" cy="17" r="5.5" fill="${colour}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escape(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${plain.background}"/>
${dots.join("")}<text x="${width / 2}" y="22" fill="${plain.dim}" font-family="sans-serif" font-size="13" text-anchor="middle">${escape(title)}</text>
<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="${cell.size}" fill="${plain.text}" xml:space="preserve">
${rows}</g>
</svg>
`;
}

function drawLine(pieces: readonly Piece[], top: number): string {
  let column = 0;
  const drawn = pieces.map(({ text, colour, background, isBold }) => {
    const x = (margin + column * cell.width).toFixed(1);
    // Each character of these pictures takes one column.
    const count = Array.from(text).length;
    column += count;
    const length = (count * cell.width).toFixed(1);
    const box =
      background === null
        ? ""
        : `<rect x="${x}" y="${top}" width="${length}" height="${cell.height}" fill="${background}"/>`;
    if (text.trim() === "") return box;
    const fill = colour === plain.text ? "" : ` fill="${colour}"`;
    const weight = isBold ? ' font-weight="bold"' : "";
    return `${box}<text x="${x}" y="${top + 14}" textLength="${length}"${fill}${weight}>${escape(text)}</text>`;
  });
  return drawn.some((one) => one !== "") ? `${drawn.join("")}\n` : "";
}

/** Takes a line apart at its changes of colour (SGR), of which each line has its own. */
function piecesOf(line: string): readonly Piece[] {
  let style = { colour: null as string | null, isBold: false, isDim: false, isReverse: false };
  const none = style;
  // oxlint-disable-next-line no-control-regex -- escape sequences are what it looks for
  return line.split(/\x1b\[([\d;]*)m/).flatMap((part, at): readonly Piece[] => {
    if (at % 2 === 1) {
      for (const code of part.split(";").map(Number)) {
        if (code === 0) style = none;
        else if (code === 1) style = { ...style, isBold: true };
        else if (code === 2) style = { ...style, isDim: true };
        else if (code === 7) style = { ...style, isReverse: true };
        else if (code >= 30 && code <= 37) style = { ...style, colour: colours[code - 30] ?? null };
        else if (code === 39) style = { ...style, colour: null };
      }
      return [];
    }
    if (part === "") return [];
    const { colour, isBold, isDim, isReverse } = style;
    const front = colour ?? (isDim ? plain.dim : plain.text);
    return [{ text: part, isBold, colour: isReverse ? plain.background : front, background: isReverse ? front : null }];
  });
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
