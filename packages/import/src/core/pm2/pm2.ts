import { mostCopies, tooManyServices } from "../copies.ts";
import { emptyService, type Entry, type Failure, type Imported, type Outcome, type Service } from "../model.ts";
import { nearest } from "../nearest.ts";
import { became, lost } from "../outcome.ts";
import { problemOfName } from "../service-name.ts";
import { translate } from "../subject.ts";
import { linesOf } from "../tree/lines.ts";
import { describeTree, type Field, fieldOf, text, type Tree } from "../tree/tree.ts";
import { copiesOf, lifeSubjects } from "./subjects-life.ts";
import { outputSubjects } from "./subjects-output.ts";
import { runSubjects } from "./subjects-run.ts";

const besides: Readonly<Record<string, Outcome>> = {
  apps: became("the services below"),
  deploy: lost("nothing is copied to other machines", "go on with what deploys it, and let it run sv restart"),
};

/** Translates an ecosystem file of pm2: `{ apps: [...] }`, a list of apps, or one app. */
export function importPm2(tree: Tree, file: string, directory: string): Imported {
  const named = fieldOf(tree, "apps");
  const apps = named ?? tree;
  const items = apps.kind === "list" ? apps.items : [apps];
  const excess = tooManyServices(items.map(copiesIn), file);
  if (excess !== null) return { services: [], entries: [], failures: [excess] };
  const all = items.map((app) => importApp(app, file, directory));
  const names = all.flatMap(({ services }) => services.map(({ name }) => name));
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  return {
    services: all.flatMap(({ services }) => services).filter(({ name }) => !twice.has(name)),
    entries: [
      ...(named !== null && tree.kind === "map" ? beside(tree.entries, file) : []),
      ...all.flatMap(({ entries }) => entries),
    ],
    failures: [
      ...all.flatMap(({ failures }) => failures),
      ...[...twice].map((name) => ({ place: { file, line: 1 }, text: `two apps are called ${name}` })),
    ],
  };
}

function beside(fields: readonly Field[], file: string): readonly Entry[] {
  return fields.map(({ key, value, line }): Entry => ({
    program: null,
    key,
    value: key === "apps" ? "" : describeTree(value),
    place: { file, line },
    outcome: besides[key] ?? { kind: "unknown", nearest: nearest(key, Object.keys(besides)) },
  }));
}

function importApp(app: Tree, file: string, directory: string): Imported {
  const place = { file, line: app.line };
  if (app.kind !== "map") return { services: [], entries: [], failures: [{ place, text: "an app is no object" }] };
  const script = text(fieldOf(app, "script") ?? app) ?? "";
  const name = text(fieldOf(app, "name") ?? app) ?? script.replace(/^.*\//, "").replace(/\.\w+$/, "");
  const others = app.entries.filter(({ key }) => key === "name" || key.startsWith("env_"));
  const { service, entries } = translate(
    [...runSubjects, ...outputSubjects, ...lifeSubjects],
    linesOf({ ...app, entries: app.entries.filter((field) => !others.includes(field)) }, file, []),
    { directory },
    emptyService(name, `${file}, ${name}`),
  );
  const problem = problemOfName(name);
  const copies = copiesIn(app);
  const failures: readonly Failure[] =
    problem !== null
      ? [{ place, text: `the name ${name} ${problem}` }]
      : script === ""
        ? [{ place, text: `app ${name}: has no script` }]
        : copies > mostCopies
          ? [{ place, text: `app ${name}: has more than ${mostCopies} instances` }]
          : [];
  return {
    services: failures.length > 0 ? [] : Array.from({ length: copies }, (_each, at) => copyOf(service, at, copies)),
    entries: [...others.map((field) => ownEntry(field, name, file)), ...entries],
    failures,
  };
}

function copiesIn(app: Tree): number {
  return copiesOf(fieldOf(app, "instances") ?? nothing) ?? 1;
}

const nothing: Tree = { kind: "list", items: [], line: 0 };

function ownEntry({ key, value, line }: Field, program: string, file: string): Entry {
  const outcome: Outcome =
    key === "name"
      ? became("the name of the directory")
      : lost(`they are not set: pm2 does so with --env ${key.slice(4)}`, "write them into env, and import again");
  return { program, key, value: describeTree(value), place: { file, line }, outcome };
}

/** pm2 tells a copy its number. */
function copyOf(service: Service, at: number, copies: number): Service {
  if (copies === 1) return service;
  return {
    ...service,
    name: `${service.name}-${at}`,
    environment: [...service.environment, ["NODE_APP_INSTANCE", [String(at)]]],
  };
}
