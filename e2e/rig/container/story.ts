/*
 * Stories: what people want of several processes in one container, told by nothing but files in service directories.
 *
 *   inPodman("story 002: ...", async (story) => {
 *     story.script("webserver/run", "exec web").file("webserver/flag-critical");
 *     await story.start();
 *     await story.state("webserver", { ready: true });
 *     expect(await story.stop()).toBe(0);
 *   });
 *
 * The services share a directory with the test, which they see as /etc/story. To learn their state, a test reads the
 * files from outside: on a busy machine that costs less than a command in the container.
 */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { rigTest } from "../core/conformance.ts";
import { FileTree } from "../core/file-tree.ts";
import { ourSuites, standalone } from "../core/suites.ts";
import type { TestRig } from "../core/test-rig.ts";
import { waitLimit } from "../core/until.ts";
import { type StateJson, stateJson, stateToBe } from "../runit/state-json.ts";
import { daemonsFailure } from "./daemons-image.ts";
import { type Engine, Namespace, Podman, type StartOptions } from "./engines.ts";
import { ownContainer, patience } from "./namespaced-container.ts";
import type { Answer } from "./podman.ts";

/** What runsvdir says every two seconds during a stop, and runsv when a service is not ready after half a minute. */
const waits = /^(?:runsvdir \S+: warning: waiting for |runsv \S+: warning: not ready after )/;

/** The same for runsvdir as `patience` for my_init. */
const patient = ["--stop-timeout", "90"] as const;

type StoryTest = (story: Story, rig: TestRig) => Promise<void>;

/** Registers a story in a real container: a Debian with daemons, and the stand-alone commands in /usr/local/bin. */
export function inPodman(title: string, tell: StoryTest): void {
  rigTest(title, [standalone], async (rig) => await play(rig, new Podman(rig), tell), { needs: daemons });
}

/** Registers a story in a PID namespace, for each of our suites, with the machine's own programs. */
export function inNamespace(title: string, tell: StoryTest): void {
  const run = async (rig: TestRig): Promise<void> => await play(rig, new Namespace(rig), tell);
  rigTest(title, ourSuites, run, { needs: ownContainer });
}

const daemons = await daemonsFailure();

async function play(rig: TestRig, engine: Engine, tell: StoryTest): Promise<void> {
  await using own = engine;
  try {
    await tell(new Story(rig, own), rig);
  } catch (error) {
    const said = await own.output().catch(() => undefined);
    if (error instanceof Error && said !== undefined) {
      error.message += `\n--- stdout ---\n${said.stdout}\n--- stderr ---\n${said.stderr}`;
    }
    throw error;
  }
}

/** The service directories of a container, and that container. */
export class Story extends FileTree {
  readonly #engine: Engine;

  constructor(rig: TestRig, engine: Engine) {
    super(rig, "etc/service");
    this.#engine = engine;
    mkdirSync(rig.path("etc/story"), { recursive: true });
  }

  /** Makes a file in /etc/story, or replaces it at once. */
  record(name: string, content = ""): this {
    const file = this.rig.path("etc/story", name);
    writeFileSync(`${file}.new`, content);
    renameSync(`${file}.new`, file);
    return this;
  }

  /** The lines of a file in /etc/story; none while it is not there. */
  recorded(name: string): readonly string[] {
    return this.rig.read(this.rig.path("etc/story", name)).split("\n").slice(0, -1);
  }

  async start({
    command = ["runsvdir", ...patient, "-P", "/etc/service"],
    env = {},
    flags = [],
  }: StartOptions = {}): Promise<void> {
    await this.#engine.start({ command, env: { ...patience, ...env }, flags });
  }

  /** Waits until the service's state.json has all these fields; returns all of it. */
  async state(name: string, fields: StateJson): Promise<StateJson> {
    return await stateToBe(this.rig, this.#service(name), fields);
  }

  /** What the service's state.json says. */
  stateNow(name: string): StateJson {
    return stateJson(this.#service(name));
  }

  #service(name: string): { readonly name: string; file(path: string): string } {
    return { name, file: (path) => this.inside(name, path) };
  }

  /** Waits until the service has been started so many times more. */
  async restarts(name: string, times: number): Promise<void> {
    const starts = (): number => Number(this.stateNow(name)["starts"] ?? 0);
    const begin = starts();
    await this.rig.until(`${times} starts of ${name}`, () => starts() >= begin + times, 2 * waitLimit);
  }

  /** Runs a command in the container. */
  async exec(...command: readonly string[]): Promise<Answer> {
    return await this.#engine.exec(command);
  }

  /** Runs commands of sh in the container, which must succeed; returns what they print. */
  async sh(...lines: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.exec("sh", "-c", lines.join("\n"));
    if (code !== 0) throw new Error(`${lines.join("\n")}: ${code ?? "killed"}: ${stdout}${stderr}`);
    return stdout;
  }

  /** What a server on a port of the container answers to a line, up to so many bytes; empty when there is none. */
  async ask(port: number, line = "GET / HTTP/1.0", bytes = 4096): Promise<string> {
    // A small Debian has no other client than bash.
    const script = String.raw`exec 3<>/dev/tcp/127.0.0.1/$0 && printf '%s\r\n\r\n' "$1" >&3 && head -c "$2" <&3`;
    return (await this.exec("bash", "-c", `(${script}) 2>/dev/null`, `${port}`, line, `${bytes}`)).stdout;
  }

  /** Waits for that answer to end with the text. */
  async answers(port: number, text: string): Promise<void> {
    await this.rig.until(`${text} from port ${port}`, async () => (await this.ask(port)).endsWith(text));
  }

  /**
   * The lines on standard output and on standard error so far, without those that a busy machine may cause: for whom a
   * stop waits, and which service is not ready yet.
   */
  async said(): Promise<{ readonly out: readonly string[]; readonly err: readonly string[] }> {
    const { stdout, stderr } = await this.#engine.output();
    return {
      out: stdout.split("\n").slice(0, -1),
      err: stderr
        .split("\n")
        .slice(0, -1)
        .filter((line) => !waits.test(line)),
    };
  }

  /** Waits until one of the outputs has shown the text. */
  async shows(text: string): Promise<void> {
    await this.#engine.shows(text);
  }

  /** What the health check of the container exits with. */
  async health(): Promise<number | undefined> {
    return await this.#engine.health();
  }

  /** Stops the container as its engine does; returns the exit code. */
  async stop(): Promise<number | undefined> {
    await this.#engine.stop();
    return await this.#engine.ended();
  }

  /** Waits for its end; returns the exit code. */
  async ended(): Promise<number | undefined> {
    return await this.#engine.ended();
  }
}
