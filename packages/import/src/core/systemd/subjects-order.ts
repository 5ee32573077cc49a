import type { Outcome } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { outcomesOf } from "../subject.ts";
import { describeWord } from "../words.ts";
import type { Unit } from "./context.ts";
import { expandSpecifiers, unitName } from "./specifiers.ts";
import { each, subject, type UnitSubject } from "./subject.ts";

/** Other units: which of them are imported as well, and which only systemd knows. */
interface Named {
  readonly here: readonly string[];
  readonly services: readonly string[];
  readonly rest: readonly string[];
}

/** The units that a value names. */
export function unitsOf(value: string, { name, file, others }: Unit): readonly string[] {
  return value.split(/\s+/).flatMap((text) => {
    const word = expandSpecifiers(text, name, file);
    const unit = typeof word === "string" ? text : describeWord(word);
    const full = /\.\w+$/.test(unit) || !others.has(`${unit}.service`) ? unit : `${unit}.service`;
    return full === "" || full === name.file ? [] : [full];
  });
}

function namedIn(value: string, unit: Unit): Named {
  const names = unitsOf(value, unit);
  const here = names.filter((one) => unit.others.has(one));
  const services = names.filter((one) => !unit.others.has(one) && one.endsWith(".service"));
  return { here, services, rest: names.filter((one) => !here.includes(one) && !services.includes(one)) };
}

const after = "After";
const needs = ["Requires", "Wants", "BindsTo", "Requisite", "Upholds"] as const;
const ties = [
  "PartOf",
  "PropagatesReloadTo",
  "ReloadPropagatedFrom",
  "PropagatesStopTo",
  "StopPropagatedFrom",
] as const;

const order = subject([after, "Before", ...needs, ...ties, "Conflicts", "OnFailure", "OnSuccess"], (values, unit) => {
  const afterwards = each(values.lines(after), (value) => namedIn(value, unit), afterOutcome);
  const before = each(
    values.lines("Before"),
    (value) => namedIn(value, unit),
    (named) =>
      named.here.length === 0
        ? needless(named.services.length === 0 ? "nothing of the system waits for it" : "those services are not here")
        : became(named.here.map((name) => `dependencies.d/${unit.name.name} of ${unitName(name).name}`).join(", ")),
  );
  return {
    change: { dependencies: afterwards.items.flatMap(({ here }) => here.map((name) => unitName(name).name)) },
    outcomes: {
      ...outcomesOf(needs, (key) => values.lines(key).map(({ value }) => needOutcome(namedIn(value, unit), key))),
      ...outcomesOf(ties, (key) => values.lines(key).map(({ value }) => tieOutcome(namedIn(value, unit)))),
      After: afterwards.outcomes,
      Before: before.outcomes,
      Conflicts: lost("both may run", "write sv down of the other one into run"),
      OnFailure: lost("no other service is started", "let finish do it: it gets the exit code"),
      OnSuccess: lost("no other service is started", "let finish do it: it gets the exit code"),
    },
  };
});

function afterOutcome({ here, services, rest }: Named): Outcome {
  if (services.length > 0)
    return lost(
      `it does not wait for ${services.join(", ")}${here.length === 0 ? "" : `, but for ${here.join(", ")}`}`,
      "import that as well, or let run wait until it answers",
    );
  if (here.length > 0) return became(here.map((name) => `dependencies.d/${unitName(name).name}`).join(" "));
  return needless(rest.length === 0 ? "it names no other unit" : "that is up before runsvdir starts");
}

function needOutcome({ here, services }: Named, key: string): Outcome {
  if (services.length > 0)
    return lost(`nobody starts ${services.join(", ")} for it`, "import that as well, or have the system start it");
  if (here.length === 0) return needless("that is up before runsvdir starts");
  if (key === "Wants" || key === "Upholds") return needless("all services are started anyway");
  return lost(
    `it goes on when ${here.map((name) => unitName(name).name).join(", ")} ends`,
    "if it must not, let finish of the other one restart it with sv",
  );
}

function tieOutcome({ here, services }: Named): Outcome {
  return here.length + services.length === 0
    ? needless("only services are stopped and started here")
    : lost("what is done to the other unit is not done to this one", "name both for sv");
}

/** The order of the starts. */
export const orderSubjects: readonly UnitSubject[] = [order];
