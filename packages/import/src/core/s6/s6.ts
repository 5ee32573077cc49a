import { emptyService, type Entry, type Failure, type Imported, type Service } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { problemOfName } from "../service-name.ts";
import { type Definition, namesIn, type S6Source, valueOf } from "./definition.ts";
import { logFiles, loggersOf, pipelineEntry } from "./pipelines.ts";
import { adaptScript } from "./scripts.ts";
import { entryOf, translateDefinition, type Translated } from "./translate.ts";

/** Bundles of s6-overlay and of most sources that say what is started. */
const startedBundles = ["user", "user2", "default"];
/** What s6-overlay brings itself. */
const builtIn = /^(base|user|user2|top|default|fix-attrs|legacy-.*|init-.*|s6rc-.*)$/;

/** Translates the definitions of s6-rc, and what else a tree of s6-overlay has. */
export function importS6(source: S6Source): Imported {
  const { definitions } = source;
  const isBundle = (definition: Definition): boolean => valueOf(definition, "type") === "bundle";
  const bundles = new Map(definitions.filter(isBundle).map((bundle) => [bundle.name, bundle]));
  const own = definitions.filter((definition) => !isBundle(definition));
  const names = new Set(own.map(({ name }) => name));
  const starts = initJobs(source);
  const lastJob = starts.services.at(-1)?.name ?? null;
  const loggers = loggersOf(own);
  const translated = own.map(translateDefinition);
  const wanted = wantedOf(bundles, own);
  const services = translated.flatMap((each): readonly Service[] => {
    const { service, definition } = each;
    if (service === null || loggers.has(definition.name)) return [];
    const log =
      translated.find((other) => loggers.get(other.definition.name) === definition.name)?.service ?? undefined;
    const dependencies = namesIn(definition, "dependencies").flatMap((name) => membersOf(name, bundles));
    const onJobs = dependencies.includes("legacy-cont-init") && lastJob !== null ? [lastJob] : [];
    return [
      {
        ...service,
        files: [...service.files, ...(log === undefined ? [] : logFiles(log))],
        dependencies: [
          ...dependencies.filter((name) => names.has(name) && !loggers.has(name) && name !== definition.name),
          ...onJobs,
        ],
        down: service.down || (wanted !== null && !wanted.has(definition.name)),
      },
    ];
  });
  const legacy = source.services.map(translateDefinition);
  const others = legacy.flatMap(({ service }) =>
    service === null ? [] : [{ ...service, dependencies: lastJob === null ? [] : [lastJob] }],
  );
  return {
    services: [...starts.services, ...services, ...others],
    entries: [
      ...starts.entries,
      ...[...bundles.values()].flatMap((bundle) => bundleEntries(bundle, wanted !== null)),
      ...translated.flatMap((each) =>
        [...each.entries, ...listEntries(each, bundles, names)].map((entry) => pipelineEntry(entry, each, loggers)),
      ),
      ...legacy.flatMap((each) => each.entries),
    ],
    failures: [
      ...starts.failures,
      ...translated.flatMap(({ failures }) => failures),
      ...legacy.flatMap(({ failures }) => failures),
    ],
  };
}

/** What a name stands for: itself, or the members of a bundle. */
function membersOf(
  name: string,
  bundles: ReadonlyMap<string, Definition>,
  seen: ReadonlySet<string> = new Set(),
): readonly string[] {
  const bundle = bundles.get(name);
  if (bundle === undefined || seen.has(name)) return [name];
  return namesIn(bundle, "contents").flatMap((member) => membersOf(member, bundles, new Set([...seen, name])));
}

/** What is started: the members of the well-known bundles, and what they depend on. Null: everything. */
function wantedOf(
  bundles: ReadonlyMap<string, Definition>,
  definitions: readonly Definition[],
): ReadonlySet<string> | null {
  const roots = startedBundles.filter((name) => bundles.has(name));
  if (roots.length === 0) return null;
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const wanted = new Set<string>();
  const queue = roots.flatMap((name) => membersOf(name, bundles));
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (wanted.has(name)) continue;
    wanted.add(name);
    const definition = byName.get(name);
    if (definition !== undefined)
      queue.push(...namesIn(definition, "dependencies").flatMap((each) => membersOf(each, bundles)));
  }
  return wanted;
}

function bundleEntries(bundle: Definition, isStarted: boolean): readonly Entry[] {
  const outcome =
    isStarted && startedBundles.includes(bundle.name)
      ? became("what is not in it is down")
      : needless("a dependency on it is one on each member");
  return bundle.files.map((file) => entryOf(bundle, file, outcome));
}

/** One entry for each file that names dependencies. */
function listEntries(
  { definition }: Translated,
  bundles: ReadonlyMap<string, Definition>,
  names: ReadonlySet<string>,
): readonly Entry[] {
  return definition.files
    .filter(({ path }) => /^dependencies(\.d\/.*)?$/.test(path))
    .map((file) => {
      const stated =
        file.path === "dependencies"
          ? namesIn({ ...definition, files: [file] }, "dependencies")
          : [file.path.slice(15)];
      const members = stated.flatMap((name) => membersOf(name, bundles));
      const gone = members.filter((name) => !names.has(name) && !builtIn.test(name));
      const here = members.filter((name) => names.has(name));
      const outcome =
        gone.length > 0
          ? lost(`it does not wait for ${gone.join(", ")}, which is not here`, "import that as well")
          : here.length > 0
            ? became(here.map((name) => `dependencies.d/${name}`).join(" "))
            : needless("that is there before runsvdir starts");
      return entryOf(definition, file, outcome);
    });
}

/** `cont-init.d`: jobs, each after the one before it. */
function initJobs({ starts, ends, directory }: S6Source): Imported {
  const services: Service[] = [];
  const entries: Entry[] = [];
  const failures: Failure[] = [];
  for (const { path, text } of starts) {
    const name = `cont-init-${path}`;
    const place = { file: `${directory}/cont-init.d/${path}`, line: 1 };
    const problem = problemOfName(name);
    if (problem !== null) {
      failures.push({ place, text: `the name ${name} ${problem}` });
      continue;
    }
    const { text: script, outcome, needs } = adaptScript(text, "run of a job");
    entries.push({ program: name, key: path, value: "", place, outcome });
    for (const { tool, line, outcome: need } of needs)
      entries.push({ program: name, key: tool, value: "", place: { ...place, line }, outcome: need });
    services.push({
      ...emptyService(name, place.file),
      command: { kind: "script", text: script },
      settings: { restart: "never" },
      dependencies: services.slice(-1).map((before) => before.name),
    });
  }
  for (const { path } of ends)
    entries.push({
      program: null,
      key: `cont-finish.d/${path}`,
      value: "",
      place: { file: `${directory}/cont-finish.d/${path}`, line: 1 },
      outcome: lost("nothing runs it at the end", "put it into /etc/my_init.post_shutdown.d"),
    });
  return { services, entries, failures };
}
