import { isRedirection } from "./shell.ts";

/** A program that becomes another one: letters of its options with a value, and how many operands come before the other. */
interface Wrapper {
  readonly valued: string;
  readonly operands: number;
  /** The option or operand that names a user: a letter, or 0 for the first operand. */
  readonly user?: string | 0;
}

const wrappers: Readonly<Record<string, Wrapper>> = {
  exec: { valued: "a", operands: 0 },
  command: { valued: "", operands: 0 },
  env: { valued: "uCS", operands: 0 },
  chpst: { valued: "uUbe/nlLmdopfcrt", operands: 0, user: "u" },
  setuidgid: { valued: "", operands: 1, user: 0 },
  "s6-setuidgid": { valued: "", operands: 1, user: 0 },
  envuidgid: { valued: "", operands: 1, user: 0 },
  setuser: { valued: "", operands: 1, user: 0 },
  gosu: { valued: "", operands: 1, user: 0 },
  "su-exec": { valued: "", operands: 1, user: 0 },
  nice: { valued: "n", operands: 0 },
  ionice: { valued: "cnpPu", operands: 0 },
  envdir: { valued: "", operands: 1 },
  "s6-envdir": { valued: "", operands: 1 },
  softlimit: { valued: "acdflmoprst", operands: 0 },
  "s6-softlimit": { valued: "acdflmoprst", operands: 0 },
  setlock: { valued: "", operands: 1 },
  "s6-setlock": { valued: "tT", operands: 1 },
  nohup: { valued: "", operands: 0 },
  setsid: { valued: "", operands: 0 },
  stdbuf: { valued: "ioe", operands: 0 },
  pgrphack: { valued: "", operands: 0 },
};

/** A command without the programs that only become it. */
export interface Wrapped {
  /** The name of the program without its directory; empty where there is none. */
  readonly program: string;
  readonly args: readonly string[];
  /** The users that it becomes, without groups. */
  readonly users: readonly string[];
}

/** Takes `exec chpst -u web nginx -g "..."` apart. */
export function unwrap(words: readonly string[]): Wrapped {
  const left = words.filter((word) => !isRedirection(word));
  const users: string[] = [];
  for (;;) {
    while (/^[A-Za-z_]\w*=/.test(left[0] ?? "")) left.shift();
    const program = (left.shift() ?? "").replace(/^.*\//, "");
    const wrapper = Object.hasOwn(wrappers, program) ? wrappers[program] : undefined;
    if (wrapper === undefined) return { program, args: left, users };
    for (let word = left[0] ?? ""; word.startsWith("-"); word = left[0] ?? "") {
      left.shift();
      if (word === "--" || word === "-") break;
      if (word.startsWith("--")) continue;
      const at = word.split("").findIndex((one) => wrapper.valued.includes(one));
      if (at === -1) continue;
      const [letter, glued] = [word.charAt(at), word.slice(at + 1)];
      const value = glued === "" ? (left.shift() ?? "") : glued;
      if (letter === wrapper.user) users.push(value);
    }
    const operands = left.splice(0, wrapper.operands);
    if (wrapper.user === 0) users.push(...operands);
  }
}
