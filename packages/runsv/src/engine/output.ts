import { closeSync, fchmodSync } from "node:fs";

import { openLogOutput, type LineOutput, type LogOutput, type Unwritten } from "@upkeep/log-prefix/output/log-output";
import { createLastWords } from "@upkeep/log-prefix/lines/last-words";
import { coloured, prefixOf } from "@upkeep/log-prefix/core/prefix";
import { harmless } from "@upkeep/program/core/one-line";
import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { readSetting, type ServiceDirectory } from "@upkeep/service-directory/files/directory";
import { hasOutputFifo, NotAFifoError, openOutputFifo } from "@upkeep/supervise/fifo/supervisor-end";
import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { createPipe, type Pipe } from "@upkeep/linux/fd/pipe";

import type { Stdio } from "./fresh-stdio.ts";
import type { Contain } from "./contain.ts";
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
  /** What has been read and not written; null: nothing goes through us. */
  unwritten(): Unwritten | null;
}

/** What puts lines behind a prefix, and the descriptors that lead there. */
interface PrefixedOutput {
  readonly lines: LogOutput;
  readonly stdio: Stdio;
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
  readonly resumed?: Unwritten | null;
}

/** The output of a service: to its log service, to our own, or to our own behind a prefix. */
export function createServiceOutput(ports: OutputPorts): ServiceOutput {
  const { directory, files, logPipe, name, say, standardOutput, standardError, contain, resumed = null } = ports;
  const plain: Stdio = [0, logPipe?.write ?? standardOutput.fd, standardError];
  let output: PrefixedOutput | null = null;
  let stdio = plain;
  let lastWarning = "";
  const words = createLastWords();

  const open = (): PrefixedOutput => {
    const [place, label] = files.at("private");
    const fifo = openOutputFifo(place, label);
    const outputPorts = { warn: say.warning, onRead: words.add, contain, resumed };
    return {
      lines: openLogOutput(fifo, `${label}/stdout`, standardOutput, outputPorts),
      stdio: [0, fifo.service, fifo.service],
    };
  };

  const prepare = (): Stdio => {
    const prefix = logPipe === null ? readPrefix(directory, name, say.warning) : null;
    if (prefix === null) return plain;
    try {
      output ??= open();
      const isColoured = isTerminal(standardOutput.fd) && process.env["NO_COLOR"] === undefined;
      output.lines.setPrefix(isColoured ? coloured(prefix, name) : prefix);
      lastWarning = "";
      return output.stdio;
    } catch (error) {
      if (!(error instanceof SystemError || error instanceof NotAFifoError)) throw error;
      // Lines without a prefix are better than none.
      if (error.message !== lastWarning) say.warning(error.message);
      lastWarning = error.message;
      return plain;
    }
  };

  const resume = (): void => {
    stdio = prepare();
    const [path] = files.at("private");
    if (output !== null || !hasOutputFifo(path)) return;
    try {
      // The service would wait for ever on a FIFO that nobody reads.
      output = open();
    } catch (error) {
      if (!(error instanceof SystemError || error instanceof NotAFifoError)) throw error;
      say.warning(error.message);
    }
  };

  return {
    prepare: () => {
      words.forget();
      return (stdio = prepare());
    },
    resume,
    stdio: () => stdio,
    lastWords: words.take,
    processEnded: () => output?.lines.endLine(),
    close: async () => await output?.lines.close(),
    abandon: () => output?.lines.abandon(),
    unwritten: () => output?.lines.unwritten() ?? null,
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

/** Pipes that are closed. Their numbers may name other descriptors by now. */
const closed = new WeakSet<Pipe>();

/** Closes both ends, unless they are closed. */
export function closeLogPipe(pipe: Pipe): void {
  if (closed.has(pipe)) return;
  closed.add(pipe);
  closeSync(pipe.write);
  closeSync(pipe.read);
}
