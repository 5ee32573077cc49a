import { closeSync, openSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { signalProcess } from "./processes.ts";

/** How a command ended: `code` is undefined when it was killed by `signal`. */
export interface Ending {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** What a command printed and how it ended. */
export interface Result extends Ending {
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** Default: the rig's directory of services. */
  readonly cwd?: string;
  /** Added to the rig's small environment; undefined removes a variable from it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Words put in front of the command, which must execute what follows them:
   * `under: ["sh", "-c", 'umask 077; exec "$@"', "sh"]` or `under: ["prlimit", "--nofile=20"]`.
   */
  readonly under?: readonly string[];
  /** Descriptor that becomes standard input; default: /dev/null. */
  readonly stdin?: number;
  /** Default true: the command leads a session and process group of its own. */
  readonly detached?: boolean;
}

/**
 * A started command. Its output goes to two files: a pipe of Node is a socket, and every service below would see that.
 */
export class RunningCommand {
  readonly pid: number;
  readonly words: readonly string[];
  /** Resolves when the process has ended; never rejects. */
  readonly ended: Promise<Ending>;
  readonly #output: string;
  #ending: Ending | undefined;

  private constructor(words: readonly string[], output: string, pid: number, ended: Promise<Ending>) {
    this.words = words;
    this.pid = pid;
    this.#output = output;
    this.ended = ended.then((ending) => (this.#ending = ending));
  }

  static start(
    words: readonly string[],
    output: string,
    options: {
      readonly cwd: string;
      readonly env: Record<string, string>;
      readonly stdin?: number;
      readonly detached: boolean;
    },
  ): RunningCommand {
    const [file = "", ...operands] = words;
    const stdout = openSync(`${output}.out`, "a");
    const stderr = openSync(`${output}.err`, "a");
    try {
      const subprocess = execa(file, operands, {
        cwd: options.cwd,
        env: options.env,
        extendEnv: false,
        stdio: [
          options.stdin === undefined ? "ignore" : descriptor(options.stdin),
          descriptor(stdout),
          descriptor(stderr),
        ],
        detached: options.detached,
        cleanup: false,
        reject: false,
        buffer: false,
      });
      if (subprocess.pid === undefined) throw new Error(`unable to start ${words.join(" ")}`);
      const ended = subprocess.then(({ exitCode, signal }) => ({ code: exitCode, signal }));
      return new RunningCommand(words, output, subprocess.pid, ended);
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  }

  /** How it ended, or undefined while it runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  stdout(): string {
    return readFileSync(`${this.#output}.out`, "utf8");
  }

  stderr(): string {
    return readFileSync(`${this.#output}.err`, "utf8");
  }

  /** Sends a signal to the process alone; false when it has ended. */
  kill(signal: NodeJS.Signals): boolean {
    return this.#ending === undefined && signalProcess(this.pid, signal);
  }
}

/** Execa passes every descriptor on, but its types only know the small ones. */
function descriptor(fd: number): 3 {
  return fd as 3;
}
