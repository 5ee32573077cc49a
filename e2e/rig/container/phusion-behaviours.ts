/*
 * What phusion's base image does, according to its documentation and its my_init, and what ours does instead.
 * e2e/container/phusion.test.ts looks each test up by its title, and prints the whole list.
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { contentOf, repositoryRoot } from "../core/files.ts";

/** A test by its file, below the root of the repository, and its title as it stands in the source. */
interface Shown {
  readonly file: string;
  readonly title: string;
}

export interface Behaviour {
  /** What phusion's does. */
  readonly sentence: string;
  /** `mended`: it differs on purpose, and `because` says how and why. `absent`: there is no such thing here. */
  readonly verdict: "kept" | "mended" | "absent";
  readonly because: string;
  readonly by: readonly Shown[];
}

/** True when a test file has a test with this title; false when there is no such file. */
export function hasTitle(file: string, title: string): boolean {
  const source = contentOf(join(repositoryRoot, file));
  return ['"', "'", "`"].some((quote) => source.includes(`${quote}${title}${quote}`));
}

const tests = "packages/my_init/test";
const unitTests: readonly string[] = readdirSync(join(repositoryRoot, tests), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts"))
  .map((name) => join(tests, name));

const from =
  (file: string) =>
  (title: string): Shown => ({ file, title });
const init = from("e2e/container/my-init.test.ts");
const boot = from("e2e/container/my-init-boot.test.ts");
const terminal = from("e2e/container/my-init-terminal.test.ts");
const box = from("e2e/container/podman.test.ts");
const image = from("e2e/container/image.test.ts");
const services = from("e2e/container/image-services.test.ts");
const daemons = from("e2e/daemons/chpst.test.ts");
const readOnly = from("e2e/faults/read-only.test.ts");

/** A unit test of my_init, wherever in its tests the title stands. */
function unit(title: string): Shown {
  const file = unitTests.find((path) => hasTitle(path, title)) ?? `${tests}/none.test.ts`;
  return { file, title };
}

const kept = (sentence: string, ...by: readonly Shown[]): Behaviour => ({ sentence, verdict: "kept", because: "", by });
const mended = (sentence: string, because: string, ...by: readonly Shown[]): Behaviour => ({
  sentence,
  verdict: "mended",
  because,
  by,
});
const absent = (sentence: string, because: string): Behaviour => ({ sentence, verdict: "absent", because, by: [] });

/** By subject. */
export const behaviours: Readonly<Record<string, readonly Behaviour[]>> = {
  "command line": [
    kept(
      "--enable-insecure-key runs /usr/sbin/enable_insecure_key first",
      boot("the insecure key is enabled before the startup files, and only when that is asked for"),
    ),
    absent(
      "the image has an insecure key and enable_insecure_key",
      "a published key is a way in; put your own in place",
    ),
    kept("--skip-startup-files leaves out my_init.d and rc.local", unit("options leave parts out")),
    kept(
      "--skip-runit starts no services, and needs a main command",
      init("without services there must be a main command"),
    ),
    kept(
      "--no-kill-all-on-exit leaves out the last step",
      boot("--no-kill-all-on-exit leaves others alone, who get TERM otherwise"),
    ),
    kept("--quiet leaves warnings only", init("variables of the directory count for my_init itself")),
    mended(
      "options are found behind the main command, too",
      "they are the main command's",
      unit("options end at the main command, whose own are not looked at"),
    ),
    mended(
      "copied elsewhere, or without its directories, it fails",
      "a missing directory is an empty one",
      init("a user whom nobody knows, a read-only root and a missing directory are no obstacles"),
    ),
  ],
  environment: [
    kept(
      "a file in /etc/container_environment is a variable; one newline at its end is cut off",
      unit("are a file's content without one newline at its end"),
    ),
    kept(
      "at the start, what the engine sets wins over the directory",
      box("variables of the engine win over the directory, and what startup files leave there is everybody's"),
    ),
    kept(
      "all variables are written back, but HOME, USER, GROUP, UID, GID and SHELL",
      unit("get a file when it differs, but not the user's"),
    ),
    kept(
      "all are in container_environment.sh for shells, and in .json for programs",
      init("startup files run in order, and what they leave in the directory is everybody's variable"),
      unit("gives a shell the value back, whatever bytes are in it"),
      unit("is JSON of the same text, whatever is in it"),
    ),
    kept(
      "after each startup file the directory is all there is: made, changed and removed files count",
      init("startup files run in order, and what they leave in the directory is everybody's variable"),
    ),
    mended(
      "HOME and the others of the user are lost after the first startup file",
      "they stay",
      unit("of the user are kept unless a file says otherwise, and so are those that could not be written"),
    ),
    mended(
      "HOME is missing where the engine does not set it",
      "it is the effective user's",
      init("HOME comes from the user database where nobody has set it"),
    ),
    mended(
      "ENV_INIT_DIRECTORY and KILL_*_TIMEOUT from the directory come too late",
      "they count",
      init("variables of the directory count for my_init itself"),
    ),
    mended(
      "values must be UTF-8",
      "any bytes",
      unit("names and values are the bytes that they are"),
      boot("arguments, values and names that are not UTF-8 reach the main command as they are"),
    ),
  ],
  permissions: [
    kept(
      "the directory is 0700",
      image("the layer holds its own files and directories, nothing of the base's, all of them root's"),
    ),
    kept(
      ".sh and .json are 0640, of the group docker_env",
      boot("files with all variables belong to the group docker_env, where there is one"),
    ),
    kept("users may loosen both", init("files with all variables keep the rights that somebody gave them")),
    mended(
      "works for root only",
      "any user, known or not; what cannot be written is said once",
      box("a container of user ${user}, whom its system does not know, does the same"),
    ),
    mended(
      "needs a writable root",
      "state goes to the first place that can be written to",
      box("a container whose file systems cannot be written to supervises, logs and is controlled"),
      readOnly("keeps the state of read-only services and of their logs in UPKEEP_RUNDIR, where sv finds it"),
    ),
  ],
  "boot and life": [
    kept(
      "executables of my_init.d by name, then rc.local, then runsvdir -P /etc/service, then the main command",
      box("boots in order, and podman stop ends all in order with 0"),
    ),
    mended(
      "a startup file that fails ends the container with 1",
      "with its code",
      init("a startup file that fails ends the container with its code"),
    ),
    kept(
      "after that no shutdown scripts run",
      unit("a file that fails ends the container with its code, without shutdown scripts"),
    ),
    mended(
      "orphans are reaped while it waits for a process",
      "at all times",
      init("2000 orphans beside 2000 children lose nothing"),
      box("runsvdir and runsv that are killed come back, and zombies do not stay"),
    ),
    mended(
      "nobody notices when runsvdir dies beside a main command",
      "it is started again",
      init("runsvdir that dies beside a main command is started again"),
    ),
    kept(
      "without a main command the container ends with runsvdir",
      box("without a main command the container ends with runsvdir, and says what that died of"),
    ),
    mended(
      "what a killed container leaves in supervise/ is in the way after a restart",
      "it is recognised and taken over",
      boot("what a killed container has left is recognised, whoever has its pids by now"),
      box("a container that was stopped or killed starts again with its services"),
    ),
  ],
  "exit code": [
    kept("the main command's", box("the container has the exit code of its main command")),
    mended(
      "0 for a main command that a signal killed",
      "128 and the signal",
      init("the exit code is the main command's, or 128 and its signal"),
    ),
    mended(
      "2 after TERM or INT",
      "0, or the main command's",
      box("a stop reaches the main command and the services, and the code is the main command's"),
    ),
    mended(
      "127 and not a word where the main command cannot be started",
      "a line that says why",
      unit("is 127 for a main command that is not there, which is said"),
    ),
  ],
  signals: [
    kept(
      "TERM and INT stop the container",
      init("services run, HUP ends nobody, and TERM stops all in order with 0"),
      terminal("Ctrl-C reaches the main command once, and stops the container with its code"),
    ),
    mended(
      "others are dropped, --stop-signal has no effect",
      "they are passed to the main command",
      init("signals are passed to the main command, whose answer to TERM is the exit code"),
    ),
    mended(
      "HUP is dropped",
      "without a main command runsvdir looks at its directory",
      boot("HUP without a main command has runsvdir look at its directory at once"),
    ),
    mended(
      "TERM and INT during a stop are ignored",
      "each makes it shorter",
      init("a second TERM shortens the grace time, and a third one kills"),
    ),
    kept(
      "a shell as main command has the terminal",
      terminal("a shell as main command has job control: Ctrl-C is for its job alone"),
    ),
  ],
  shutdown: [
    kept(
      "main command, pre_shutdown.d, services, post_shutdown.d, then everybody else",
      unit("goes from the main command to the services, with the scripts around these"),
      box("boots in order, and podman stop ends all in order with 0"),
    ),
    kept(
      "services get TERM and, when their time is over, KILL",
      init("a service that ignores TERM is killed in the time that was asked for"),
      box("a service that ignores TERM is killed in time, and is named"),
    ),
    mended(
      "sv status is polled, without a limit, for services that start meanwhile",
      "runsvdir stops all that it has started",
      init("a stop catches services that are just starting, and lets each of them end"),
    ),
    mended(
      "a script that fails skips the services' orderly stop",
      "the stop goes on, its code is kept",
      unit("is a shutdown script's where all else went well; the others run all the same"),
    ),
    mended(
      "30 s for each step",
      "9 s in all: engines kill after 10; KILL_*_TIMEOUT win",
      unit("whatever happened, and even if nothing ever ends, a stop is over within 9 s, once"),
      unit("a time that was asked for counts from the beginning of the step, however long"),
    ),
    mended(
      "nobody is told what it waits for",
      "a line every 2 s",
      init("whoever is still alive is named, and killed in the end"),
    ),
    mended(
      "below another process 1 it signals every process of the machine",
      "only its own descendants",
      init("below another process it adopts orphans, says so, and ends nobody but its own"),
      box("works below another process 1, as with --init"),
    ),
  ],
  setuser: [
    kept(
      "becomes a user with his groups; sets USER, HOME and UID",
      daemons("exec setuser USER gives what a login would"),
      services("setuser becomes the user with groups and variables, for podman exec as well"),
    ),
    kept("exits 1 where it cannot", daemons("setuser says what is wrong, and exits with 1")),
  ],
  "shipped with the image": [
    kept(
      "install_clean installs without recommended packages unless told so, and cleans up",
      image("install_clean updates, installs without recommended packages unless told so, and cleans up"),
    ),
    mended(
      "cron runs, sshd is disabled by down",
      "both are disabled, and neither daemon is in the image: install_clean adds it",
      services("cron and sshd run once they are enabled, and what they log reaches podman logs"),
      services("services of daemons that are not installed say so once and are down again"),
    ),
    kept(
      "missing ssh host keys are made at the start, where sshd is enabled",
      services("cron and sshd run once they are enabled, and what they log reaches podman logs"),
    ),
    mended(
      "syslog-ng runs from before the services until after them and copies to the output",
      "devlog, of the suite, writes to the output alone",
      services("syslog is left to others, or alone, where that is wished"),
    ),
    absent("files of /var/log by facility, rotated by logrotate", "logs are the container's output"),
    kept("DISABLE_SYSLOG leaves syslog out", services("syslog is left to others, or alone, where that is wished")),
    absent("build switches DISABLE_SSH and DISABLE_CRON", "neither is in the image before somebody adds it"),
    absent(
      "locale, dist-upgrade, diverted initctl, curl, less, vim-tiny, psmisc",
      "the layer adds nothing of the base's",
    ),
    mended(
      "one image of one distribution",
      "a layer for any base",
      services("the script makes an image of a base, and one of the layer alone, which COPY puts on another base"),
    ),
    absent("docker-bash and docker-ssh for the host", "exec of the engine does it"),
  ],
};
