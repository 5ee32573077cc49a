import { closeSync, fchmodSync } from "node:fs";

import { lineOutput } from "@upkeep/log-prefix/output/line-output";
import { openLogOutput, type LineOutput, type LogOutput, type Unwritten } from "@upkeep/log-prefix/output/log-output";
import { createLastWords, type LastWords } from "@upkeep/log-prefix/lines/last-words";
import { coloured, prefixOf } from "@upkeep/log-prefix/core/prefix";
import { harmless } from "@upkeep/program/core/one-line";
import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { readSetting, type ServiceDirectory } from "@upkeep/service-directory/files/directory";
import {
  hasOutputFifo,
  NotAFifoError,
  openOutputFifo,
  type OutputFifoName,
} from "@upkeep/supervise/fifo/supervisor-end";
import { isThere } from "@upkeep/linux/fd/files";
import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { createPipe, type Pipe } from "@upkeep/linux/fd/pipe";

import type { Stdio } from "./fresh-stdio.ts";
import type { Contain } from "./contain.ts";
import { openOutputLocks } from "./output-locks.ts";
import type { SuperviseFiles } from "./supervise-files.ts";

/** Where the processes of a service, and not of its log, write to. */
export interface ServiceOutput {
  /** The descriptors for a start of `./run`, for which `log-prefix` is read anew. */
  prepare(): Stdio;
  /** Goes on with the output of an adopted `./run`, which may have had a prefix although `log-prefix` is gone by now. */
  resume(): void;
  /** The descriptors of the last start, for `./finish` and control scripts. */
  stdio(): Stdio;
  /** What the last start wrote last, as far as we read it; null: nothing. */
  lastWords(): Uint8Array | null;
  /** A process has ended, and so its last line is complete. */
  processEnded(): void;
  /** Writes what is still on its way, and closes all. */
  close(): Promise<void>;
  /** Closes all at once. What is on its way waits for a successor. */
  abandon(): void;
  /** What has been read and not written. */
  unwritten(): UnwrittenOutput;
}

/** Null: nothing goes through us. */
export interface UnwrittenOutput {
  readonly output: Unwritten | null;
  readonly errors: Unwritten | null;
}

/** Turns prefixes on for every service without a log service. */
const everywhere = "UPKEEP_PREFIX_LOGS";

/** What the output of a service needs. */
export interface OutputPorts {
  readonly directory: ServiceDirectory;
  readonly files: SuperviseFiles;
  readonly logPipe: Pipe | null;
  /** The service's name. */
  readonly name: string;
  readonly say: Diagnostics;
  /** Where the lines of a service without a log service go. */
  readonly standardOutput: LineOutput;
  /** Descriptor of standard error. */
  readonly standardError: number;
  /** Wraps what is called back later. */
  readonly contain: Contain;
  /** What the engine before this one, in the same process, has not written. */
  readonly resumed?: UnwrittenOutput | null;
}

/**
 * The output of a service: to its log service, to our own, or to our own behind a prefix; its standard error to ours, through us
 * where its last words are to be kept.
 */
export function createServiceOutput(ports: OutputPorts): ServiceOutput {
  return new OwnOutput(ports);
}

class OwnOutput implements ServiceOutput {
  readonly #ports: OutputPorts;
  /** Null: that of a service which writes past us, as most do. */
  #stdio: Stdio | null = null;
  /** The ways through us, each made when it is needed first. */
  #output: Passage | null = null;
  #errors: Passage | null = null;
  #words: LastWords | null = null;

  constructor(ports: OutputPorts) {
    this.#ports = ports;
  }

  prepare(): Stdio {
    this.#words?.forget();
    this.#stdio = this.#choose();
    return this.stdio();
  }

  resume(): void {
    this.#stdio = this.#choose();
    const [place] = this.#ports.files.at("private");
    // A service would wait for ever on a FIFO that nobody reads.
    if (hasOutputFifo(place, "stdout")) this.#throughOutput().open();
    if (hasOutputFifo(place, "stderr")) this.#throughErrors().open();
  }

  stdio(): Stdio {
    return this.#stdio ?? [0, this.#plainOutput(), this.#ports.standardError];
  }

  lastWords(): Uint8Array | null {
    return this.#words?.take() ?? null;
  }

  processEnded(): void {
    this.#output?.endLine();
    this.#errors?.endLine();
  }

  close(): Promise<void> {
    const closing = [this.#output, this.#errors].flatMap((one) => one?.close() ?? []);
    return closing.length === 0 ? nothingOpen : Promise.all(closing).then(() => {});
  }

  abandon(): void {
    this.#output?.abandon();
    this.#errors?.abandon();
  }

  unwritten(): UnwrittenOutput {
    return { output: this.#output?.unwritten() ?? null, errors: this.#errors?.unwritten() ?? null };
  }

  /** Null where the service writes past us. */
  #choose(): Stdio | null {
    const { directory, logPipe, name, say, standardOutput, standardError } = this.#ports;
    const prefix = logPipe === null ? readPrefix(directory, name, say) : null;
    if (prefix !== null) {
      const fd = this.#throughOutput().open();
      if (fd === null) return null;
      const isColoured = isTerminal(standardOutput.fd) && process.env["NO_COLOR"] === undefined;
      this.#throughOutput().setPrefix(isColoured ? coloured(prefix, name) : prefix);
      return [0, fd, fd];
    }
    // Programs draw on a terminal.
    const isKept = keepsErrors(directory) && !isTerminal(standardError);
    const fd = isKept ? this.#throughErrors().open() : null;
    return fd === null ? null : [0, this.#plainOutput(), fd];
  }

  #plainOutput(): number {
    return this.#ports.logPipe?.write ?? this.#ports.standardOutput.fd;
  }

  #throughOutput(): Passage {
    const { standardOutput, resumed } = this.#ports;
    this.#words ??= createLastWords();
    return (this.#output ??= new Passage(this.#ports, "stdout", this.#words, standardOutput, resumed?.output ?? null));
  }

  #throughErrors(): Passage {
    this.#words ??= createLastWords();
    return (this.#errors ??= new Passage(
      this.#ports,
      "stderr",
      this.#words,
      null,
      this.#ports.resumed?.errors ?? null,
    ));
  }
}

/** Most services write past us. */
const nothingOpen = Promise.resolve();

/** Whether what a service writes to standard error passes through us. Where it has a prefix, it does anyway. */
function keepsErrors(directory: ServiceDirectory): boolean {
  return directory.mayHave("flag-keep-stderr") && isThere(directory.path("flag-keep-stderr"));
}

/** A way from a service through us. */
class Passage {
  readonly #ports: OutputPorts;
  readonly #file: OutputFifoName;
  readonly #words: LastWords;
  readonly #to: LineOutput | null;
  readonly #resumed: Unwritten | null;
  /** What reads from the service and writes it on; null as long as that could not be opened. */
  #lines: LogOutput | null = null;
  /** The descriptor that leads there. */
  #fd = -1;
  #lastWarning = "";

  /** @param to null: our standard error, to which bytes go as they are. */
  constructor(
    ports: OutputPorts,
    file: OutputFifoName,
    words: LastWords,
    to: LineOutput | null,
    resumed: Unwritten | null,
  ) {
    this.#ports = ports;
    this.#file = file;
    this.#words = words;
    this.#to = to;
    this.#resumed = resumed;
  }

  /** The descriptor for the service. Null, after a warning, where none can be opened: the service writes past us then. */
  open(): number | null {
    try {
      if (this.#lines === null) this.#openAnew();
      this.#lastWarning = "";
    } catch (error) {
      if (!(error instanceof SystemError || error instanceof NotAFifoError)) throw error;
      if (error.message !== this.#lastWarning) this.#ports.say.warning(error.message);
      this.#lastWarning = error.message;
      return null;
    }
    return this.#fd;
  }

  #openAnew(): void {
    const { files, standardError, say, contain } = this.#ports;
    const [place, label] = files.at("private");
    const fifo = openOutputFifo(place, label, this.#file);
    const target = this.#to ?? lineOutput(standardError, () => openOutputLocks(standardError), "standard error");
    this.#lines = openLogOutput(fifo, `${label}/${this.#file}`, target, {
      warn: (message) => say.warning(message),
      onRead: (bytes) => this.#words.add(bytes),
      contain,
      isRaw: this.#to === null,
      resumed: this.#resumed,
    });
    this.#fd = fifo.service;
  }

  setPrefix(prefix: string): void {
    this.#lines?.setPrefix(prefix);
  }

  endLine(): void {
    this.#lines?.endLine();
  }

  /** Null where nothing is open. */
  close(): Promise<void> | null {
    return this.#lines?.close() ?? null;
  }

  abandon(): void {
    this.#lines?.abandon();
  }

  unwritten(): Unwritten | null {
    return this.#lines?.unwritten() ?? null;
  }
}

/** Null when lines get no prefix. */
function readPrefix(directory: ServiceDirectory, name: string, say: Diagnostics): string | null {
  try {
    if (directory.mayHave("log-prefix")) return prefixOf(readSetting(directory, "log-prefix"), harmless(name));
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) say.warning(`unable to read log-prefix: ${reasonOf(errnoOf(error))}`);
  }
  return process.env[everywhere] === "1" ? prefixOf("", harmless(name)) : null;
}

/** The pipe to the log service. A service that runs as another user must be able to open it as /dev/stdout. */
export function createLogPipe(): Pipe {
  const pipe = createPipe();
  try {
    fchmodSync(pipe.write, 0o622);
  } catch {
    // A service that does not change its user can do without.
  }
  return pipe;
}

/** Pipes whose ends are closed. Their numbers may name other descriptors by now. */
const closed = { write: new WeakSet<Pipe>(), read: new WeakSet<Pipe>() };

/** Closes the end that we could write to, unless it is closed: the logger reads its end of input. */
export function closeLogInput(pipe: Pipe): void {
  if (closed.write.has(pipe)) return;
  closed.write.add(pipe);
  closeSync(pipe.write);
}

/** Closes both ends, unless they are closed. */
export function closeLogPipe(pipe: Pipe): void {
  closeLogInput(pipe);
  if (closed.read.has(pipe)) return;
  closed.read.add(pipe);
  closeSync(pipe.read);
}
