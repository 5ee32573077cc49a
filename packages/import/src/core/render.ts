import type { EnvironmentFile, Errors, Output, RenderedFile, Service, User } from "./model.ts";
import { isSplit, shellWord, shellWords, type Word } from "./words.ts";

/** The files of a service directory, as a person would have written them. */
export function render(service: Service): readonly RenderedFile[] {
  const { settings, scripts, dependencies, down, stopGroup, output, files } = service;
  return [
    script("run", runScript(service)),
    ...Object.entries(settings).map(([path, value]) => plain(path, value === "" ? "" : `${value}\n`)),
    ...dependencies.map((name) => plain(`dependencies.d/${name}`, "")),
    ...(down ? [plain("down", "")] : []),
    ...(stopGroup && scripts["control/t"] === undefined
      ? [script("control/t", `#!/bin/sh\n${signalGroup(settings["down-signal"] ?? "TERM")}\n`)]
      : []),
    ...Object.entries(scripts).map(([path, { lines, inherits }]) =>
      script(path, text(["#!/bin/sh", ...(inherits ? surroundings(service) : []), ...lines])),
    ),
    ...outputFiles(output),
    ...files,
  ];
}

function runScript(service: Service): string {
  const { origin, output, errors, prepare, before, command, user, options, argv0 } = service;
  if (command.kind === "script") return command.text;
  const needsWords = command.kind === "words" && command.words.some(isSplit);
  return text([
    "#!/bin/sh",
    `# ${oneLine(origin)}`,
    ...redirections(output, errors),
    ...(needsWords ? ["set -f"] : []),
    ...prepare,
    ...surroundings(service),
    ...before,
    // A line for the shell may be several commands, and only a shell of its own can be what exec becomes.
    `exec ${asUser(user, options, argv0)}${
      command.kind === "words" ? shellWords(command.words) : `${command.shell ?? "sh"} -c ${shellWord([command.line])}`
    }`,
  ]);
}

/** The directory and the environment, which `run` shares with the scripts beside it. */
function surroundings({ directory, umask, environment, user }: Service): readonly string[] {
  return [
    ...(user === null || !user.login || isSetuser(user) ? [] : [variablesOf(user)]),
    ...(directory === null ? [] : [`cd ${operand(directory)} || exit 111`]),
    ...(umask === null ? [] : [`umask ${umask}`]),
    ...environment.map((each) => ("path" in each ? readingOf(each) : `export ${each[0]}=${shellWord(each[1])}`)),
  ];
}

function readingOf({ path, optional }: EnvironmentFile): string {
  const read = `set -a; . ${shellWord(path)}; set +a`;
  return optional ? `if [ -e ${shellWord(path)} ]; then ${read}; fi` : read;
}

/** What stands in front of a command that another user is to run, with options of chpst(8), and under a name. */
export function asUser(user: User | null, options: readonly string[] = [], argv0: Word | null = null): string {
  const renamed = argv0 === null ? [] : [`-b ${shellWord(argv0)}`];
  if (user === null || !isSetuser(user))
    return chpst([...options, ...renamed, ...(user === null ? [] : [`-u ${groupsOf(user)}`])]);
  return `${chpst(options)}setuser ${shellWord([user.name])} ${chpst(renamed)}`;
}

function chpst(options: readonly string[]): string {
  return options.length === 0 ? "" : `chpst ${options.join(" ")} `;
}

/** setuser(8) sets the variables of a user, and takes the user's own groups. */
function isSetuser({ name, group, groups, login }: User): boolean {
  return login && (group === null || group === name) && groups.length === 0 && !/^\d+$/.test(name);
}

/** The variables of a user whom chpst(8) does not set any of. */
function variablesOf({ name }: User): string {
  const word = shellWord([name]);
  return `export USER=${word} LOGNAME=${word} HOME="$(getent passwd ${word} | cut -d: -f6)"`;
}

/**
 * chpst(8) takes only groups that are listed, and only numbers or only names. id(1) knows those of the user, the primary
 * one first. As for initgroups(3), that one does not count where another one takes its place.
 */
function groupsOf({ name, group, groups, ownGroups }: User): string {
  const isNumber = [name, group, ...groups].some((each) => each !== null && /^\d+$/.test(each));
  const ids = `id -G${isNumber ? "" : "n"} ${shellWord([name])}`;
  const all = group === null ? `:$(${ids} | tr ' ' :)` : `$(${ids} | sed 's/^[^ ]*//; s/ /:/g')`;
  const own = ownGroups ? all : "";
  const groupOf = isNumber ? groupNumber : inQuotes;
  const listed = (some: readonly string[]): string => some.map((each) => `:${groupOf(each)}`).join("");
  const user = isNumber ? `:${userNumber(name)}` : inQuotes(name);
  const words = `${user}${listed(group === null ? [] : [group])}${own}${listed(groups)}`;
  return /^[\w.:-]+$/.test(words) ? words : `"${words}"`;
}

function userNumber(name: string): string {
  return /^\d+$/.test(name) ? name : `$(id -u ${shellWord([name])})`;
}

function groupNumber(name: string): string {
  return /^\d+$/.test(name) ? name : `$(getent group ${shellWord([name])} | cut -d: -f3)`;
}

function inQuotes(name: string): string {
  return name.replaceAll(/["\\$`]/g, String.raw`\$&`);
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
      return [plain("log-prefix", output.prefix === null ? "" : `${output.prefix}\n`)];
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
export function signalGroup(signal: string): string {
  return `exec kill -s ${signal} -- "-$1"`;
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function script(path: string, content: string): RenderedFile {
  return { path, text: content, executable: true };
}

function plain(path: string, content: string): RenderedFile {
  return { path, text: content, executable: false };
}

/** A comment ends with its line. */
function oneLine(comment: string): string {
  return comment.replaceAll(/[\r\n]/g, " ");
}
