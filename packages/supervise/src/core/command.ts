/** What can be asked of runsv, one byte each in `supervise/control`. */
export type Command =
  | "up"
  | "down"
  | "once"
  | "exit"
  | "term"
  | "kill"
  | "pause"
  | "cont"
  | "hup"
  | "alarm"
  | "interrupt"
  | "quit"
  | "1"
  | "2";

/** The byte of each command, which is also the name of its control script. Source: runit 2.1.2. */
export const commandLetters: Readonly<Record<Command, string>> = {
  up: "u",
  down: "d",
  once: "o",
  exit: "x",
  term: "t",
  kill: "k",
  pause: "p",
  cont: "c",
  hup: "h",
  alarm: "a",
  interrupt: "i",
  quit: "q",
  "1": "1",
  "2": "2",
};

const commands: ReadonlyMap<number, Command> = new Map(
  (Object.keys(commandLetters) as Command[]).map((command) => [commandLetters[command].charCodeAt(0), command]),
);

/** The bytes that ask for these commands, in their order. */
export function encodeCommands(wanted: readonly Command[]): string {
  return wanted.map((command) => commandLetters[command]).join("");
}

/** The command of a byte; null for a byte that means nothing, which runsv passes over. */
export function decodeCommand(byte: number): Command | null {
  return commands.get(byte) ?? null;
}
