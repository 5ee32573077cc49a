import type { Outcome } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { shellWords } from "../words.ts";
import { type ExecLine, scriptLines } from "./command-line.ts";
import type { Unit } from "./context.ts";
import { commandsOf, subject, type UnitSubject } from "./subject.ts";

const typeKeys = ["Type", "PIDFile", "GuessMainPID", "NotifyAccess", "BusName", "RemainAfterExit", "ExitType"] as const;

/** When the service counts as started, and what its main process is. */
const typeSubject = subject(typeKeys, (values, { type: name, restart }) => {
  const isForking = name === "forking";
  const isJob = name === "oneshot";
  const isReady = !isJob && restart !== "always";
  return {
    change: { options: isForking ? ["-F"] : [], settings: isReady ? { "ready-after": "0" } : {} },
    outcomes: {
      Type: values.outcome("Type", outcomeOfType(name, isReady)),
      PIDFile: needless("chpst -F waits for all that the daemon leaves, and signals it"),
      GuessMainPID: needless("there is no main process to guess"),
      NotifyAccess: needless("nobody listens for notifications"),
      BusName: lost("nobody waits for the name on the bus", "write a script check that asks for it, as busctl does"),
      RemainAfterExit: needless(
        isJob ? "a job that is done stays satisfied" : "status tells of the last end, and nothing stays active",
      ),
      ExitType: lost("the service has ended when its main process has", "let run wait for all of them"),
    },
  };
});

function outcomeOfType(type: string, isReady: boolean): Outcome {
  switch (type) {
    case "oneshot":
      return needless("its restart makes it a job");
    case "forking":
      return became(`run: chpst -F${isReady ? ", and ready-after: 0" : ""}; it needs CAP_SYS_ADMIN`);
    case "notify":
    case "notify-reload":
      return lost(
        "nobody listens on NOTIFY_SOCKET, so it counts as ready as soon as it runs",
        "write notification-fd if it can write a newline to a descriptor, or a script check",
      );
    case "dbus":
      return lost("it counts as ready as soon as it runs", "write a script check that asks for its name on the bus");
    default:
      return isReady ? became("ready-after: 0") : needless("it is ready as soon as it runs anyway");
  }
}

const exec = subject(["ExecStart", "ExecStartPre", "ExecStartPost", "ExecCondition"], (values, unit, { user }) => {
  const line = (commands: readonly ExecLine[]): readonly string[] =>
    commands.flatMap((command) => scriptLines(command, user, "exit"));
  const pre = commandsOf(values, "ExecStartPre", unit, (commands) => became(`run: ${line(commands).join("; ")}`));
  const start = commandsOf(values, "ExecStart", unit, (commands) => startOutcome(commands, unit));
  const main = start.items.at(-1);
  const post = commandsOf(values, "ExecStartPost", unit, () =>
    lost("nothing runs after the start", "write a service for it, a job that depends on this one"),
  );
  const condition = commandsOf(values, "ExecCondition", unit, () =>
    lost("it is started whatever the command says", "let run exit 0 where it is not to run, with never in restart"),
  );
  const becomesTrue = main !== undefined && unit.type === "oneshot" && main.mayFail;
  const isPrivileged = main?.privileged === true;
  return {
    change: {
      before: [...line(pre.items), ...line(becomesTrue ? start.items : start.items.slice(0, -1))],
      ...(isPrivileged ? { user: null } : {}),
      argv0: becomesTrue ? null : (main?.argv0 ?? null),
      command: { kind: "words", words: becomesTrue ? [["true"]] : (main?.words ?? []) },
    },
    outcomes: {
      ExecStart: start.outcomes,
      ExecStartPre: pre.outcomes,
      ExecStartPost: post.outcomes,
      ExecCondition: condition.outcomes,
    },
  };
});

function startOutcome(commands: readonly ExecLine[], { type, restart }: Unit): Outcome {
  const [command] = commands;
  const text = commands.map(({ words }) => shellWords(words)).join("; ");
  if (command?.mayFail === true && type !== "oneshot" && restart === "on-failure")
    return lost("a failure starts it again, in spite of the -", "list the codes that count as success in exit-ok");
  return became(`run: exec ${text}`);
}

/** What is executed. */
export const execSubjects: readonly UnitSubject[] = [typeSubject, exec];
