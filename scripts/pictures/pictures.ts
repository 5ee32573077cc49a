/** A picture of a terminal in the documents. */
export interface Picture {
  /** Name of the file in docs/pictures, without `.svg`. */
  readonly name: string;
  readonly command: string;
  readonly columns: number;
  readonly rows: number;
  /** What the screen shows when it is complete. */
  readonly shows: RegExp;
  /** Keys that follow, each with what the screen then shows. */
  readonly keys?: readonly (readonly [string, RegExp])[];
  /** What ends the command; without, it ends by itself. */
  readonly end?: string;
}

/** All pictures, in the order in which they are taken. */
export const pictures: readonly Picture[] = [
  { name: "list", command: "sv list --wide", columns: 92, rows: 9, shows: /^web .*[KM]/m },
  { name: "show", command: "sv show web", columns: 92, rows: 18, shows: /next: / },
  { name: "log", command: "sv log -f web api", columns: 92, rows: 10, shows: /web .*GET[^]*api .*job/, end: "C-c" },
  { name: "graph", command: "sv graph", columns: 60, rows: 12, shows: /web.*\n[^]*db/ },
  { name: "start", command: "sv start mail", columns: 92, rows: 10, shows: /see: sv log/ },
  {
    name: "top",
    command: "sv top",
    columns: 100,
    rows: 22,
    shows: /^web .* \d+\.\d .*M/m,
    keys: [
      ["End", /^SERVICE/m],
      ["l", /log of web[^]*GET/],
    ],
    end: "q",
  },
];
