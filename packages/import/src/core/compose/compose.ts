import { emptyService, type Entry, type Failure, type Imported, type Outcome } from "../model.ts";
import { type Beside, dotEnv } from "../environment-file.ts";
import { nearest } from "../nearest.ts";
import { became, lost, needless } from "../outcome.ts";
import { problemOfName } from "../service-name.ts";
import { translate } from "../subject.ts";
import { linesOf } from "../tree/lines.ts";
import { describeTree, type Field, fieldOf, text, type Tree } from "../tree/tree.ts";
import type { ComposeService } from "./context.ts";
import { otherSubjects } from "./other-keys.ts";
import { lifeSubjects, waitsOf } from "./subjects-life.ts";
import { runSubjects } from "./subjects-run.ts";

/**
 * Translates the services of a compose file that name their own command. `variables` are its files of variables,
 * `environment` is the `.env` beside it, from which compose puts variables in.
 */
export function importCompose(
  tree: Tree,
  file: string,
  directory: string,
  variables: ReadonlyMap<string, string>,
  environment: Beside | null,
): Imported {
  const services = fieldOf(tree, "services");
  if (tree.kind !== "map" || services?.kind !== "map")
    return { services: [], entries: [], failures: [{ place: { file, line: tree.line }, text: "has no services" }] };
  const own = services.entries.filter((field) => problemOf(field) === null);
  const waits = own.flatMap(({ value }) => waitsOf(fieldOf(value, "depends_on") ?? nothing));
  const awaitedEnds = new Set(waits.filter(({ ends }) => ends).map(({ name }) => name));
  const others = new Set(own.map(({ key }) => key));
  const all = own.map((field) =>
    importService(field, file, {
      name: field.key,
      directory,
      others,
      variables,
      isAwaited: waits.some(({ name, ends }) => name === field.key && !ends),
      awaitedEnds,
    }),
  );
  const { files, entries } = dotEnv(environment);
  return {
    services: all
      .flatMap((each) => each.services)
      .map((service) => ({ ...service, environment: [...files, ...service.environment] })),
    entries: [...entries, ...beside(tree, file), ...all.flatMap((each) => each.entries)],
    failures: [
      ...services.entries.flatMap((field): readonly Failure[] => {
        const problem = problemOf(field);
        return problem === null ? [] : [{ place: { file, line: field.line }, text: problem }];
      }),
      ...all.flatMap(({ failures }) => failures),
    ],
  };
}

/** A value that says nothing. */
const nothing: Tree = { kind: "list", items: [], line: 0 };

/** Why a service is not imported, in a sentence. */
function problemOf({ key: name, value }: Field): string | null {
  if (problemOfName(name) !== null) return `the name ${name} ${problemOfName(name) ?? ""}`;
  if (value.kind !== "map") return `service ${name}: is not a mapping`;
  if (fieldOf(value, "command") !== null || fieldOf(value, "entrypoint") !== null) return null;
  if (fieldOf(value, "build") !== null)
    return `service ${name}: its command is in its Dockerfile: write it into command, and import again`;
  const image = text(fieldOf(value, "image") ?? value) ?? "";
  return `service ${name}: all that it is is in an image${image === "" ? "" : `, ${image}`}: run that beside, or install its program`;
}

function importService({ key: name, value, line }: Field, file: string, context: ComposeService): Imported {
  const { service, entries } = translate(
    [...runSubjects, ...lifeSubjects, ...otherSubjects],
    value.kind === "map" ? linesOf(value, file, ["healthcheck"]).filter(({ key }) => !key.startsWith("x-")) : [],
    context,
    { ...emptyService(name, `${file}, ${name}`), output: { kind: "prefixed", prefix: null } },
  );
  const own = value.kind === "map" ? value.entries.filter(({ key }) => key.startsWith("x-")) : [];
  const extensions = own.map((field): Entry => ({
    program: name,
    key: field.key,
    value: describeTree(field.value),
    place: { file, line: field.line },
    outcome: needless("it is for other programs"),
  }));
  const isEmpty = service.command.kind === "words" && service.command.words.length === 0;
  return {
    services: isEmpty ? [] : [service],
    entries: [...entries, ...extensions],
    failures: isEmpty
      ? [{ place: { file, line }, text: `service ${name}: its command is empty, or cannot be read` }]
      : [],
  };
}

/** Keys beside the services. */
const besides: Readonly<Record<string, Outcome>> = {
  services: became("the services below"),
  version: needless("compose does not look at it either"),
  name: needless("there is no project"),
  volumes: lost("no volume is made", "make the directories"),
  networks: lost("no network is made", "all run on this machine"),
  configs: lost("no file is put in place", "put it where the program looks"),
  secrets: lost("no file is put in place", "put it where the program looks"),
  include: lost("the other file is not read", "import that one as well"),
  models: lost("no model is run", "run it beside"),
};

function beside(tree: Tree, file: string): readonly Entry[] {
  const fields = tree.kind === "map" ? tree.entries : [];
  return fields.map(({ key, value, line }): Entry => ({
    program: null,
    key,
    value: key === "services" ? "" : describeTree(value),
    place: { file, line },
    outcome: key.startsWith("x-")
      ? needless("it is for other programs, or for anchors")
      : (besides[key] ?? { kind: "unknown", nearest: nearest(key, Object.keys(besides)) }),
  }));
}
