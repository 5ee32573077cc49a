import { inline, type Suite } from "./suites.ts";

/** What the mode without a runsv for each service cannot have, by its nature, and the tests that are about that. */
const inlineLacks: Readonly<Record<string, readonly string[]>> = {
  "there is no runsv process to look for, or to kill alone": [
    "starts the first runsv at once, as `runsv NAME` in the directory",
    "replaces the runsv of a link that leads to another directory now",
    "replaces all runsv when the directory is a link that is switched",
    "leaves all as it is while its directory is moved away, and when it comes back",
    "replaces a runsv that was killed at once, and the new one goes on with the service",
    "replaces a runsv that is killed again and again about once a second",
    "sends TERM to the runsv of a removed entry within milliseconds",
    "pidof finds runsvdir and runsv by their names",
    "runsvdir killed ten times starts nothing twice, and its last one stops all",
    "an adopted runsv that is killed is replaced at once, and its service adopted",
    "an adopted runsv whose entry is removed is told to go",
    "a runsv that has only just been started when runsvdir was killed is adopted",
    "a stop ends what an adopted runsv leaves behind that is killed during the stop",
    "loses no written line when runsv and svlogd are killed together",
    "says once that it cannot fork, and goes on trying",
    "story 002: one is restarted alone, the container ends with the web server's code, and no zombie stays",
    "waits, with a warning, for a directory that its link leads to and another runsvdir has",
    "an orderly stop ends even if a runsv does not",
    "a tree with restarts, kills and commands can be replayed",
    "below runsvdir the service and its log go on over ten kills, and no line is lost",
    "below runsvdir a job is done once, however often its runsv is killed",
    "an orderly stop just after a young runsv was killed ends its service",
    "an orderly stop ends a service whose young runsv was killed and is gone",
    "an orderly stop just after a old runsv was killed ends its service",
    "an orderly stop ends a service whose old runsv was killed and is gone",
    "an orderly stop ends a service whose new runsv has only just been started",
    "a runsv that has only just replaced a killed one ends its service when runsvdir gets HUP",
    "a runsv that has only just replaced a killed one ends its service when its entry is removed",
    "an orderly stop ends a service whose entry was taken away and put back, and that was called back",
  ],
  "what ends runsvdir ends its engines": [
    "exits 0 on TERM, and leaves every runsv running",
    "INT from elsewhere ends it as runit, and leaves every runsv running",
    "takes a directory over at once from a runsvdir that was killed",
    "hands all services over whenever runsvdir is killed",
  ],
  "engines need descriptors and processes where runsvdir alone needs none": [
    "stops services in the order of their dependencies without a free descriptor",
    "runsvdir waits when no process can be made, and then starts every runsv that is missing",
  ],
  "the rig looks for engines by their state in the service directory": [
    "keeps the state of read-only services and of their logs in UPKEEP_RUNDIR, where sv finds it",
  ],
  "HUP waits for the engines": ["sends TERM to each runsv on HUP, and exits 111 without waiting for them"],
  "a runsv tells its parent, and an engine has none": [
    "the parent is told on UPKEEP_EVENTS_FD, of which the service sees nothing",
    "a critical failure that meets a full pipe is told when that is read",
  ],
  "each engine of the rig has a scan directory of its own, and so no other service": [
    "u keeps it waiting, d ends that, x ends runsv",
    "what a runsv that is gone has left behind does not count",
    "of a service under runit's runsv it counts that it runs",
    "a service that waits for another user's listens nowhere else",
    "sv blame tells of the first start, whatever came later, and of the critical chain",
    "a link to /dev/zero, 30 MB and a FIFO as state.json hold up neither sv nor a service that depends on them",
  ],
  "the rig has a runsvdir around each engine": [
    "a trace that cannot be written is one warning",
    "a runsv of another parent begins anew, and so does one after an end that was asked for",
    "HUP, INT, QUIT, USR1 and ALRM end runsv and leave the service running",
    "USR2 has runsv execute its program anew, and the service runs on",
    "leaves run in its own group and session where the file no-setsid says so",
    "supervises on in a service directory that has been moved away and back",
    "u behind an x that has ended the logger's input does nothing: runsv exits 0 after the logger",
  ],
};

/** Why a suite cannot pass a test; undefined where it has to. */
export function lacking(suite: Suite, title: string): string | undefined {
  if (suite !== inline) return undefined;
  return Object.entries(inlineLacks).find(([, tests]) => tests.some((test) => title.endsWith(`] ${test}`)))?.[0];
}
