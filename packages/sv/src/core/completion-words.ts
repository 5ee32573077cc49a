/** What follows a word of `sv`. */
export interface CompletedWord {
  readonly about: string;
  readonly options?: readonly string[];
  /** The options among them that take a value. */
  readonly valued?: readonly string[];
  /** What may be the first operand; without: as the others. */
  readonly first?: readonly string[];
  /** What operands are. Paths of directories are completed anyway. */
  readonly operands: "services" | "directories" | "nothing";
}

const control = (about: string): CompletedWord => ({ about, operands: "services" });

/** The words of `sv`, as completion offers them. */
export const completedWords: Readonly<Record<string, CompletedWord>> = {
  status: { about: "what a service does", options: ["--json"], operands: "services" },
  list: { about: "services as a table", options: ["--wide", "--watch", "--json"], operands: "services" },
  top: { about: "services as they change, and keys to control them", operands: "services" },
  show: { about: "all that is known of a service", options: ["--json"], operands: "services" },
  graph: { about: "who waits for whom", options: ["--dot", "--mermaid", "--json"], operands: "services" },
  blame: { about: "how long services took to come up", options: ["--json"], operands: "services" },
  log: {
    about: "what services have logged",
    options: ["--follow", "--lines", "--since", "--until", "--run", "--grep", "--json", "--utc", "--help"],
    valued: ["-n", "--lines", "--since", "--until", "--run", "--grep"],
    operands: "services",
  },
  lint: {
    about: "mistakes in service directories",
    options: ["--json", "--strict", "--root", "--read-only", "--help"],
    valued: ["--root"],
    operands: "directories",
  },
  health: control("whether all is up that is wanted up"),
  wait: {
    about: "wait for a state",
    options: ["-t"],
    valued: ["-t"],
    first: ["up", "down", "ready", "failed"],
    operands: "services",
  },
  enable: control("start now and at boot"),
  disable: control("stop, and keep it so"),
  completion: { about: "completion for a shell", first: ["bash", "zsh", "fish"], operands: "nothing" },
  renew: { about: "go on with upgraded programs", operands: "directories" },
  start: control("start, and wait"),
  stop: control("stop, and wait"),
  restart: control("restart, and wait"),
  "try-restart": control("restart if it runs"),
  reload: control("send HUP, and wait"),
  check: control("wait until it is as it is wanted"),
  shutdown: control("end its runsv, and wait"),
  "force-stop": control("stop, and kill when the time is over"),
  "force-restart": control("restart, and kill when the time is over"),
  "force-reload": control("reload, and kill when the time is over"),
  "force-shutdown": control("end its runsv, and kill when the time is over"),
  up: control("start"),
  down: control("stop"),
  once: control("start, and do not restart"),
  exit: control("stop, and end its runsv"),
  term: control("send TERM"),
  kill: control("send KILL"),
  hup: control("send HUP"),
  interrupt: control("send INT"),
  quit: control("send QUIT"),
  alarm: control("send ALRM"),
  pause: control("send STOP"),
  cont: control("send CONT"),
};

/** Options before the word, of which these take a value. */
export const earlyOptions = { all: ["-v", "-w", "-V", "--help", "--version"], valued: ["-w"] } as const;
