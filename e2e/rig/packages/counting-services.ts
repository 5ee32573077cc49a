/* Ten services with a log each, in a container or here, that show whether an upgrade restarts one or loses a line. */
import { expect } from "vitest";
import type { TestRig } from "../core/test-rig.ts";

/** Runs a text of sh where the services are, and returns what it has printed; throws where it fails. */
export type Shell = (script: string) => Promise<string>;

/** Makes one of whatever runs a text of sh. */
export function shellBy(
  run: (
    script: string,
  ) => Promise<{ readonly code: number | null | undefined; readonly stdout: string; readonly stderr: string }>,
): Shell {
  return async (script) => {
    const { code, stdout, stderr } = await run(script);
    if (code !== 0) throw new Error(`${script}\nexits ${code}: ${stdout}${stderr}`);
    return stdout;
  };
}

const all: readonly number[] = Array.from({ length: 10 }, (_, at) => at);

/** The services, once {@link CountingServices.make} has made them. */
export class CountingServices {
  readonly #shell: Shell;
  readonly #directory: string;
  readonly #logs: string;
  readonly #numbers: readonly number[];

  /** @param directory where their directories are made. @param logs where their logs are. @param numbers which of them. */
  constructor(shell: Shell, directory: string, logs: string, numbers: readonly number[] = all) {
    this.#shell = shell;
    this.#directory = directory;
    this.#logs = logs;
    this.#numbers = numbers;
  }

  /** All but one of them: to ask whether a restart of that one touched another. */
  without(number: number): CountingServices {
    const others = this.#numbers.filter((each) => each !== number);
    return new CountingServices(this.#shell, this.#directory, this.#logs, others);
  }

  /** The paths of their directories. */
  get paths(): readonly string[] {
    return this.#numbers.map((number) => `${this.#directory}/counting${number}`);
  }

  /** Makes the directories. A service writes "line 1", "line 2" ... until it is ended. */
  async make(): Promise<void> {
    await this.#shell(`set -e
for directory in ${this.paths.join(" ")}; do
  logs=${this.#logs}/\${directory##*/}
  mkdir -p "$directory/log" "$logs"
  cat >"$directory/run" <<'END'
#!/bin/sh
i=0
while :; do i=$((i+1)); printf 'li'; printf 'ne %d\\n' $i; sleep 0.2; done
END
  printf '#!/bin/sh\\nexec svlogd -tt %s\\n' "$logs" >"$directory/log/run"
  chmod +x "$directory/run" "$directory/log/run"
done`);
  }

  /** The pids of all services and loggers, as their supervisors tell them; null until all are there. */
  async pids(): Promise<readonly string[] | null> {
    const script = this.paths.map((path) => `cat ${path}/supervise/pid ${path}/log/supervise/pid 2>/dev/null`);
    const pids = (await this.#shell(`${script.join("; ")}; :`)).split("\n").filter((line) => line !== "");
    return pids.length === 2 * this.#numbers.length ? pids : null;
  }

  /** Waits until all run and write. Returns {@link pids}. */
  async toRun(rig: TestRig): Promise<readonly string[]> {
    const pids = await rig.until("all services to run", () => this.pids());
    await rig.until("all logs to grow", () => this.hasGrown([]).catch(() => false));
    return pids;
  }

  /** Waits until all that was written before has come to the logs, and demands that nobody was restarted. */
  async expectUntouched(rig: TestRig, pids: readonly string[] | null): Promise<void> {
    const before = await this.lastLines();
    await rig.until("all logs to grow", () => this.hasGrown(before));
    expect(await this.pids()).toEqual(pids);
  }

  /** The number of the last line in each log. Fails where one does not follow the one before it. */
  async lastLines(): Promise<readonly number[]> {
    const last: number[] = [];
    const script = this.paths.map(
      (path) => `echo :; cat ${this.#logs}/${path.slice(path.lastIndexOf("/") + 1)}/current`,
    );
    for (const text of (await this.#shell(script.join("; "))).split(/^:$/m).slice(1)) {
      const numbers = [...text.matchAll(/^\S+ line (\d+)$/gm)].map(([, number]) => Number(number));
      expect(numbers).toEqual(Array.from(numbers, (_, at) => at + 1));
      last.push(numbers.length);
    }
    return last;
  }

  /** Whether each log has more lines than then. */
  async hasGrown(since: readonly number[]): Promise<boolean> {
    const now = await this.lastLines();
    return now.every((number, at) => number > (since[at] ?? 0));
  }
}
