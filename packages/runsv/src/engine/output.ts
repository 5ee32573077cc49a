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

/** What reads from a service and writes it on, and the descriptor that leads there. */
interface ReadOutput {
  readonly lines: LogOutput;
  readonly fd: number;
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
  const { directory, logPipe, name, say, standardOutput, standardError, resumed } = ports;
  const output = logPipe?.write ?? standardOutput.fd;
  const words = createLastWords();
  const prefixed = createPassage(ports, "stdout", words, standardOutput, resumed?.output ?? null);
  const errors = createPassage(ports, "stderr", words, null, resumed?.errors ?? null);

  const prepare = (): Stdio => {
    const prefix = logPipe === null ? readPrefix(directory, name, say.warning) : null;
    if (prefix !== null) {
      const lines = prefixed.open();
      if (lines === null) return [0, output, standardError];
      const isColoured = isTerminal(standardOutput.fd) && process.env["NO_COLOR"] === undefined;
      lines.lines.setPrefix(isColoured ? coloured(prefix, name) : prefix);
      return [0, lines.fd, lines.fd];
    }
    // Programs draw on a terminal.
    const isKept = keepsErrors(directory) && !isTerminal(standardError);
    return [0, output, (isKept ? errors.open()?.fd : undefined) ?? standardError];
  };

  let stdio: Stdio = [0, output, standardError];
  return {
    prepare: () => {
      words.forget();
      return (stdio = prepare());
    },
    resume: () => {
      stdio = prepare();
      prefixed.resume();
      errors.resume();
    },
    stdio: () => stdio,
    lastWords: words.take,
    processEnded: () => {
      prefixed.endLine();
      errors.endLine();
    },
    close: () => {
      const closing = [prefixed.close(), errors.close()].filter((one) => one !== null);
      return closing.length === 0 ? nothingOpen : Promise.all(closing).then(() => {});
    },
    abandon: () => {
      prefixed.abandon();
      errors.abandon();
    },
    unwritten: () => ({ output: prefixed.unwritten(), errors: errors.unwritten() }),
  };
}

/** Most services write past us. */
const nothingOpen = Promise.resolve();

/** Whether what a service writes to standard error passes through us. Where it has a prefix, it does anyway. */
function keepsErrors(directory: ServiceDirectory): boolean {
  return directory.mayHave("flag-keep-stderr") && isThere(directory.path("flag-keep-stderr"));
}

/** A way from a service through us, which is opened when it is needed first. */
interface Passage {
  /** Null, after a warning, where it cannot be opened: the service writes past us then. */
  open(): ReadOutput | null;
  /** Reads on if a former supervisor has opened it: the service would wait for ever on a FIFO that nobody reads. */
  resume(): void;
  endLine(): void;
  /** Null where nothing is open. */
  close(): Promise<void> | null;
  abandon(): void;
  unwritten(): Unwritten | null;
}

/** @param to null: our standard error, to which bytes go as they are. */
function createPassage(
  { files, say, standardError, contain }: OutputPorts,
  file: OutputFifoName,
  words: LastWords,
  to: LineOutput | null,
  resumed: Unwritten | null,
): Passage {
  let opened: ReadOutput | null = null;
  let lastWarning = "";

  const openAnew = (): ReadOutput => {
    const [place, label] = files.at("private");
    const fifo = openOutputFifo(place, label, file);
    const target = to ?? lineOutput(standardError, () => openOutputLocks(standardError), "standard error");
    const outputPorts = { warn: say.warning, onRead: words.add, contain, isRaw: to === null, resumed };
    return { lines: openLogOutput(fifo, `${label}/${file}`, target, outputPorts), fd: fifo.service };
  };
  const open = (): ReadOutput | null => {
    try {
      opened ??= openAnew();
      lastWarning = "";
    } catch (error) {
      if (!(error instanceof SystemError || error instanceof NotAFifoError)) throw error;
      if (error.message !== lastWarning) say.warning(error.message);
      lastWarning = error.message;
    }
    return opened;
  };
  return {
    open,
    resume: () => {
      if (hasOutputFifo(files.at("private")[0], file)) open();
    },
    endLine: () => opened?.lines.endLine(),
    close: () => opened?.lines.close() ?? null,
    abandon: () => opened?.lines.abandon(),
    unwritten: () => opened?.lines.unwritten() ?? null,
  };
}

/** Null when lines get no prefix. */
function readPrefix(directory: ServiceDirectory, name: string, warn: (message: string) => void): string | null {
  try {
    if (directory.mayHave("log-prefix")) return prefixOf(readSetting(directory, "log-prefix"), harmless(name));
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) warn(`unable to read log-prefix: ${reasonOf(errnoOf(error))}`);
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
