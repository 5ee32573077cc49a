// JSON Schemas of what is printed and served for programs. The files in docs/schema are made of these, and `upkeep web` serves
// them: there is no other source. Source: JSON Schema, draft 2020-12.

/** A schema, as far as ours go. */
export interface Schema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

export const draft = "https://json-schema.org/draft/2020-12/schema";

const text: Schema = { type: "string" };
const integer: Schema = { type: "integer" };
const flag: Schema = { type: "boolean" };

/** What may be null where it is not known. */
export function nullable(schema: Schema): Schema {
  const { type } = schema;
  if (typeof type === "string") return { ...schema, type: [type, "null"] };
  return { anyOf: [{ type: "null" }, schema] };
}

/** An object that has all these fields. */
export function objectOf(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: "object", properties, required: Object.keys(properties) };
}

export function arrayOf(items: Schema): Schema {
  return { type: "array", items };
}

const end: Schema = objectOf({
  code: nullable(integer),
  signal: nullable(integer),
  core: flag,
  at: nullable(text),
  ranMillis: integer,
});

/** The fields of `sv status --json` that a service and a log service have. */
const slotFields: Readonly<Record<string, Schema>> = {
  version: { const: 1 },
  name: text,
  path: nullable(text),
  supervised: flag,
  error: nullable(text),
  state: { enum: ["down", "run", "finish", null] },
  pid: nullable(integer),
  since: nullable(text),
  seconds: nullable(integer),
  want: { enum: ["up", "down", "exit", null] },
  normallyDown: nullable(flag),
  paused: nullable(flag),
  gotTerm: nullable(flag),
  starts: nullable(integer),
  lastExit: nullable({ $ref: "#/$defs/end" }),
  once: nullable(flag),
  processGroup: nullable(integer),
  startTicks: nullable(integer),
  nextStart: nullable(text),
  ready: nullable(flag),
  readySince: nullable(text),
  firstReady: nullable(objectOf({ began: integer, started: nullable(integer), ready: nullable(integer) })),
  readiness: nullable(text),
  satisfied: nullable(flag),
  waitingFor: nullable(arrayOf(text)),
  waitingProblem: nullable(text),
  failures: nullable(integer),
  failed: nullable(objectOf({ reason: text, text, at: nullable(text) })),
  critical: nullable(flag),
  leftBehind: nullable(objectOf({ pid: integer, name: text })),
};

/** What `$ref` in these schemas refers to. */
export const definitions: Readonly<Record<string, Schema>> = { end, status: objectOf(slotFields) };

/** The fields of `sv status --json`. */
export const statusFields: Readonly<Record<string, Schema>> = {
  ...slotFields,
  log: nullable({ $ref: "#/$defs/status" }),
};

/** The state of a service in a word. */
export const condition: Schema = {
  enum: ["ready", "done", "up", "not ready", "failed", "down", "missing", "unknown"],
};

const neighbours = arrayOf(objectOf({ name: text, state: condition }));

/** The fields of `sv show --json`. */
export const showFields: Readonly<Record<string, Schema>> = {
  ...statusFields,
  needs: neighbours,
  neededBy: neighbours,
  settings: { type: "object", additionalProperties: text },
  processes: arrayOf(
    objectOf({ pid: integer, parent: integer, cpuMillis: integer, residentBytes: nullable(integer), command: text }),
  ),
  ends: {
    ...arrayOf(objectOf({ ...end.properties, ready: flag })),
    maxItems: 20,
  },
  lastLines: arrayOf(text),
};

/** `sv show --json`. */
export const showSchema: Schema = {
  $schema: draft,
  title: "sv show --json",
  description: "One object for each service. Within a version fields are only added.",
  ...arrayOf(objectOf(showFields)),
  $defs: definitions,
};

const millis = nullable(integer);

/** `sv blame --json`. */
export const blameSchema: Schema = {
  $schema: draft,
  title: "sv blame --json",
  description:
    "How long services took to come up. All times are whole milliseconds; those that begin somewhere are counted from the earliest moment that is on record. Within a version fields are only added.",
  ...objectOf({
    version: { const: 1 },
    services: arrayOf(
      objectOf({
        name: text,
        state: condition,
        needs: arrayOf(text),
        startedMillis: millis,
        readyMillis: millis,
        waitedMillis: { description: "From the beginning of its supervision to its first start.", ...millis },
        tookMillis: { description: "From its first start until it was ready.", ...millis },
      }),
    ),
    chain: {
      description: "The service that was ready last, the one that it waited for last, and so on.",
      ...arrayOf(text),
    },
  }),
};
