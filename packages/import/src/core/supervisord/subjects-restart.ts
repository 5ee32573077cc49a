import type { Outcome } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { type Subject, subject } from "./program.ts";
import { signal, whole } from "../values.ts";
import { autorestart, boolean, exitCodes, seconds } from "./values.ts";

const trueOrFalse = "true or false";
const number = "a whole number";

const autostart = subject(["autostart"], (values) => {
  const starts = values.read("autostart", boolean, true, trueOrFalse);
  return {
    change: { down: !starts },
    outcomes: {
      autostart: values.outcome("autostart", starts ? needless("services are started anyway") : became("down")),
    },
  };
});

/**
 * Whether and how often it is started again. supervisord counts starts that last shorter than `startsecs`, in a row, with
 * pauses of 1 s, 2 s, 3 s; `restart-limit` counts failures in a time. The time is what so many starts of that length
 * take with a pause of a second each, so that a program that lives longer is started again for ever, as there.
 */
const restarting = subject(["autorestart", "exitcodes", "startsecs", "startretries"], (values) => {
  const restart = values.read("autorestart", autorestart, "on-failure" as const, "true, false or unexpected");
  const codes = values.read("exitcodes", exitCodes, [0], "a list of exit codes with commas");
  const uptime = values.read("startsecs", seconds, 1, number);
  const retries = values.read("startretries", whole, 3, number);
  const limit = restart === "never" || uptime === 0 ? null : `${retries} ${(retries + 1) * (uptime + 1)}`;
  const others = codes.filter((code) => code !== 0);
  const ok = restart === "on-failure" && others.length > 0 ? codes.join(" ") : null;
  return {
    change: {
      settings: {
        ...(restart === "always" ? {} : { restart }),
        ...(ok === null ? {} : { "exit-ok": ok }),
        "ready-after": String(uptime * 1000),
        ...(limit === null ? {} : { "restart-limit": limit }),
      },
    },
    outcomes: {
      autorestart: values.outcome(
        "autorestart",
        restart === "always" ? needless("so it is without a file") : became(`restart: ${restart}`),
      ),
      exitcodes: values.outcome("exitcodes", outcomeOfCodes(codes, ok, restart)),
      startsecs: values.outcome("startsecs", became(`ready-after: ${uptime * 1000}`)),
      startretries: values.outcome(
        "startretries",
        limit === null ? noLimit(restart) : became(`restart-limit: ${limit}`),
      ),
    },
  };
});

function outcomeOfCodes(codes: readonly number[], ok: string | null, restart: string): Outcome {
  if (restart !== "on-failure") return needless(`it does not count with autorestart=${restart === "always"}`);
  if (!codes.includes(0)) {
    return lost(
      "an exit with 0 is unexpected, and starts it again",
      "let run end with another code: 0 is a success here",
    );
  }
  return ok === null ? needless("0 is a success anyway") : became(`exit-ok: ${ok}`);
}

function noLimit(restart: string): Outcome {
  if (restart !== "never") return needless("with startsecs=0 no start fails");
  return lost(
    "supervisord tries a start again that ends before startsecs, even with autorestart=false",
    "for a job that may be tried again, write on-failure into restart and COUNT SECONDS into restart-limit",
  );
}

const stopping = subject(["stopsignal", "stopwaitsecs", "stopasgroup", "killasgroup"], (values) => {
  const name = values.read("stopsignal", signal, "TERM", "a signal");
  const wait = values.read("stopwaitsecs", seconds, 10, number);
  const group = values.read("stopasgroup", boolean, false, trueOrFalse);
  const killGroup = values.read("killasgroup", boolean, group, trueOrFalse);
  return {
    change: {
      settings: {
        ...(name === "TERM" ? {} : { "down-signal": name }),
        "timeout-kill": String(wait * 1000),
      },
      stopGroup: group,
    },
    outcomes: {
      stopsignal: values.outcome(
        "stopsignal",
        name === "TERM" ? needless("TERM it is anyway") : became(`down-signal: ${name}`),
      ),
      stopwaitsecs: values.outcome("stopwaitsecs", became(`timeout-kill: ${wait * 1000}`)),
      stopasgroup: values.outcome(
        "stopasgroup",
        group ? became("control/t") : needless("the signal goes to the process alone anyway"),
      ),
      killasgroup: values.outcome(
        "killasgroup",
        killGroup
          ? needless("what is left of the group is ended anyway")
          : needless("what is left of the group gets TERM, and KILL later"),
      ),
    },
  };
});

/** When a service is started, started again, and how it is stopped. */
export const restartSubjects: readonly Subject[] = [autostart, restarting, stopping];
