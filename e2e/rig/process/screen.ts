import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "../core/needs.ts";
import type { TestRig } from "../core/test-rig.ts";

export const needsScreen = program("tmux", "tmux");

/** How large the terminal is, and what it calls itself. */
export interface ScreenOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly term?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A terminal with a shell that controls jobs, and with a screen that can be read (tmux). */
export class Screen {
  readonly #rig: TestRig;
  readonly #socket: string;

  private constructor(rig: TestRig, socket: string) {
    this.#rig = rig;
    this.#socket = socket;
  }

  static async open(
    rig: TestRig,
    { columns = 80, rows = 24, term = "screen-256color", env = {} }: ScreenOptions = {},
  ): Promise<Screen> {
    const screen = new Screen(rig, rig.path("tmux"));
    writeFileSync(
      rig.path("tmux.conf"),
      `set -g default-terminal ${term}\nset -s set-clipboard on\nset -s escape-time 0\n`,
    );
    // Without -D the server would leave the rig.
    rig.start("tmux", ["-S", rig.path("tmux"), "-u", "-f", rig.path("tmux.conf"), "-D"], {
      env: { LC_ALL: "C.UTF-8", PS1: "$ ", ...env },
    });
    const session = ["new-session", "-d", "-x", String(columns), "-y", String(rows), "bash --norc --noprofile"];
    await rig.until("the terminal", async () => (await screen.#tmux(...session)).code === 0);
    await screen.shows("the shell", /^\S*[$#] ?$/m);
    return screen;
  }

  async #tmux(...words: readonly string[]): Promise<{ readonly code: number | undefined; readonly stdout: string }> {
    return await this.#rig.run("tmux", ["-S", this.#socket, ...words]);
  }

  /** What is on the screen. */
  async text(): Promise<string> {
    return (await this.#tmux("capture-pane", "-p")).stdout;
  }

  /** The same with its colours and attributes. */
  async styled(): Promise<string> {
    return (await this.#tmux("capture-pane", "-p", "-e")).stdout;
  }

  /** Waits until the screen shows it, and returns the screen. */
  async shows(what: string, pattern: RegExp): Promise<string> {
    return await this.#rig.until(what, async () => {
      // Each look is a process.
      await sleep(100);
      const text = await this.text();
      return pattern.test(text) && text;
    });
  }

  /** Presses keys by their names in tmux: `Enter`, `Up`, `C-c`; any other word is typed. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#tmux("send-keys", key);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** What programs have put into the clipboard. */
  async clipboard(): Promise<string> {
    return (await this.#tmux("show-buffer")).stdout;
  }

  /** Whether a program has the alternate screen, and whether there is a cursor. */
  async mode(): Promise<{ readonly isAlternate: boolean; readonly hasCursor: boolean }> {
    const { stdout } = await this.#tmux("display-message", "-p", "#{alternate_on}#{cursor_flag}");
    return { isAlternate: stdout.startsWith("1"), hasCursor: stdout.trim().endsWith("1") };
  }

  /** The pid of the shell. */
  async shell(): Promise<number> {
    return Number((await this.#tmux("display-message", "-p", "#{pane_pid}")).stdout);
  }

  /** Takes the terminal away from all that is in it. */
  async hangUp(): Promise<void> {
    await this.#tmux("kill-window");
  }
}
