import type { Errors, Output, Service } from "./model.ts";
import { shellWord, shellWords, type Word } from "./words.ts";

/** A file of a service directory. */
export interface RenderedFile {
  /** Path below the service directory. */
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

/** The files of a service directory, as a person would have written them. */
export function render(service: Service): readonly RenderedFile[] {
  return [
    script("run", runScript(service)),
    ...Object.entries(service.settings).map(([path, value]) => plain(path, value === "" ? "" : `${value}\n`)),
    ...service.dependencies.map((name) => plain(`dependencies.d/${name}`, "")),
    ...(service.down ? [plain("down", "")] : []),
    ...(service.stopGroup ? [script("control/t", groupSignal(service.settings["down-signal"] ?? "TERM"))] : []),
    ...outputFiles(service.output),
  ];
}

function runScript(service: Service): string {
  const { origin, directory, umask, environment, environmentFiles, output, errors, command, user } = service;
  const lines = [
    "#!/bin/sh",
    `# ${oneLine(origin)}`,
    ...redirections(output, errors),
    ...(directory === null ? [] : [`cd ${operand(directory)} || exit 111`]),
    ...(umask === null ? [] : [`umask ${umask}`]),
    ...environmentFiles.map((file) => `set -a; . ${shellWord(file)}; set +a`),
    ...environment.map(([name, value]) => `export ${name}=${shellWord(value)}`),
    // A line for the shell may be several commands, and only a shell of its own can be what exec becomes.
    `exec ${user === null ? "" : `chpst -u ${shellWord([user])} `}${
      command.kind === "words" ? shellWords(command.words) : `sh -c ${shellWord([command.line])}`
    }`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** A path that begins with a dash would be an option. */
function operand(path: Word): string {
  const [first] = path;
  return typeof first === "string" && first.startsWith("-") ? shellWord(["./", ...path]) : shellWord(path);
}

function redirections(output: Output, errors: Errors): readonly string[] {
  const toFile = output.kind === "file" ? [`exec >>${shellWord(output.path)}`] : [];
  switch (errors.kind) {
    case "inherited":
      return toFile;
    case "joined":
      return [...toFile, "exec 2>&1"];
    case "file":
      return [...toFile, `exec 2>>${shellWord(errors.path)}`];
  }
}

function outputFiles(output: Output): readonly RenderedFile[] {
  switch (output.kind) {
    case "prefixed":
      return [plain("log-prefix", "")];
    case "log": {
      const directory = shellWord(output.directory);
      const config = `s${output.bytes}\\nn${output.backups}\\n`;
      return [
        script(
          "log/run",
          `#!/bin/sh\nmkdir -p ${directory} || exit 111\n[ -e ${directory}/config ] || printf '${config}' >${directory}/config\n` +
            `exec svlogd -tt ${directory}\n`,
        ),
      ];
    }
    case "syslog":
      return [script("log/run", `#!/bin/sh\nexec logger -t ${shellWord([output.tag])}\n`)];
    case "inherited":
    case "file":
      return [];
  }
}

/** Sends the signal to the process group that `run` leads, in place of `runsv`, which signals `run` alone. */
function groupSignal(signal: string): string {
  return `#!/bin/sh\nexec kill -s ${signal} -- "-$1"\n`;
}

function script(path: string, text: string): RenderedFile {
  return { path, text, executable: true };
}

function plain(path: string, text: string): RenderedFile {
  return { path, text, executable: false };
}

/** A comment ends with its line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]/g, " ");
}
