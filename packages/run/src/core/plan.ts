import type { Service } from "@upkeep/import/core/model";

/** How a Procfile is to run: the options of `upkeep run`. */
export interface Wishes {
  /** Only these process types; empty: all. */
  readonly names: readonly string[];
  /** How many of each; `all` stands for those that are not named. Default: one. */
  readonly formation: ReadonlyMap<string, number>;
  /** The port of the first process type; null: as the source has it. */
  readonly port: number | null;
  /** Process types that may end without ending the others; `all` stands for all. */
  readonly mayDie: ReadonlySet<string>;
  /** Process types that are started again when they end; `all` stands for all. */
  readonly restarted: ReadonlySet<string>;
}

/** The wishes and the source do not fit together. */
export class WishError extends Error {
  override readonly name = "WishError";
}

/** Heroku's name for what runs once, before all others. */
const release = "release";
/** Where the ports of a Procfile begin, as it is imported. */
const importedPort = 5000;

/** The services to run: those that are wished for, as often as wished for, each with what its end means. */
export function planRun(services: readonly Service[], wishes: Wishes): readonly Service[] {
  requireKnown(services, wishes);
  const chosen = services.filter(({ name }) => wishes.names.length === 0 || wishes.names.includes(name));
  const instances = new Map(chosen.map(({ name }) => [name, instanceNames(name, countOf(name, wishes))]));
  return chosen.flatMap((service) =>
    (instances.get(service.name) ?? []).map((name, number) => ({
      ...service,
      name,
      // As foreman tells each process who it is.
      environment: [
        ["PS", [`${service.name}.${number + 1}`]] as const,
        ...withPort(service.environment, wishes.port, number),
      ],
      settings: { ...service.settings, ...endSettings(service, wishes) },
      // What is not run is not waited for.
      dependencies: service.dependencies.flatMap((dependency) => instances.get(dependency) ?? []),
    })),
  );
}

function requireKnown(services: readonly Service[], { names, formation, mayDie, restarted }: Wishes): void {
  const known = new Set(services.map(({ name }) => name));
  for (const name of names) if (!known.has(name)) throw new WishError(`there is no ${name}: ${[...known].join(", ")}`);
  for (const name of [...formation.keys(), ...mayDie, ...restarted]) {
    if (name !== "all" && !known.has(name)) throw new WishError(`there is no ${name}: ${[...known].join(", ")}`);
  }
}

/** A release is done once, however many of the others there are. */
function countOf(name: string, { formation }: Wishes): number {
  if (name === release) return 1;
  return formation.get(name) ?? formation.get("all") ?? 1;
}

/** One process has the name of its type. Of several each has a number, as foreman gives it. */
function instanceNames(name: string, count: number): readonly string[] {
  return count === 1 ? [name] : Array.from({ length: count }, (_, index) => `${name}.${index + 1}`);
}

/** Each process of a type has a port of its own. */
function withPort(environment: Service["environment"], first: number | null, number: number): Service["environment"] {
  return environment.map((each) => {
    if ("path" in each) return each;
    const [name, value] = each;
    const port = name === "PORT" && value.length === 1 ? Number(value[0]) : Number.NaN;
    if (!Number.isInteger(port)) return each;
    return [name, [String(port + (first === null ? 0 : first - importedPort) + number)]];
  });
}

/**
 * What the end of a process means. As under foreman it ends all, with its exit code, unless options or the source itself
 * say something else.
 */
function endSettings({ name, settings }: Service, { mayDie, restarted }: Wishes): Readonly<Record<string, string>> {
  const isIn = (set: ReadonlySet<string>): boolean => set.has(name) || set.has("all");
  if (name === release) return { restart: "never", "flag-critical": "" };
  if (isIn(restarted)) return { restart: "always" };
  if (isIn(mayDie)) return { restart: "never" };
  return settings["restart"] === undefined ? { "flag-critical": "any-exit" } : {};
}
