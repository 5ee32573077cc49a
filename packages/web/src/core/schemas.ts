import {
  arrayOf,
  blameSchema,
  condition,
  definitions,
  draft,
  nullable,
  objectOf,
  type Schema,
  showFields,
  showSchema,
  statusFields,
} from "@upkeep/client/core/schema";

import { errorStatus } from "./api.ts";

// The schemas of core/api.ts.

const text: Schema = { type: "string" };
const integer: Schema = { type: "integer" };
const flag: Schema = { type: "boolean" };
const amount: Schema = { type: "number" };

const use = objectOf({ percent: nullable(amount), residentBytes: integer, processes: integer });
const directory = objectOf({ label: nullable(text), path: text, error: nullable(text) });
const entryFields = {
  id: { description: "Names the service in paths and events, as it is.", ...text },
  directory: text,
  condition,
  use: nullable({ $ref: "#/$defs/use" }),
  sameEnds: {
    description:
      "When it ended as lastExit says, in a row, the last time first, in seconds since 1970; none where it is well.",
    ...arrayOf(integer),
    maxItems: 20,
  },
};
const entry = objectOf({ ...statusFields, ...entryFields });

const listFields = {
  version: { const: 1 },
  time: text,
  mayControl: flag,
  directories: arrayOf(directory),
  services: arrayOf({ $ref: "#/$defs/entry" }),
};

function top(title: string, schema: Schema): Schema {
  return { $schema: draft, title, ...schema, $defs: { ...definitions, use, entry } };
}

const line: Schema = {
  ...objectOf({ service: text, time: nullable(text), line: text, stream: { enum: ["out", "err"] } }),
  properties: {
    service: text,
    time: nullable(text),
    line: text,
    cut: { description: "The line goes on in the next one.", const: true },
    stream: { enum: ["out", "err"] },
  },
};

/** All schemas that are served, by their names. */
export const schemas: Readonly<Record<string, Schema>> = {
  "sv-show": showSchema,
  "sv-blame": blameSchema,
  "web-services": top("GET /api/v1/services, and the event state", objectOf(listFields)),
  "web-service": top("GET /api/v1/services/ID", objectOf({ ...showFields, ...entryFields })),
  "web-log-line": { $schema: draft, title: "A line of GET /api/v1/services/ID/log", ...line },
  "web-change": top(
    "Event change",
    objectOf({
      time: text,
      services: arrayOf({ $ref: "#/$defs/entry" }),
      removed: arrayOf(text),
      directories: nullable(arrayOf(directory)),
    }),
  ),
  "web-use": {
    $schema: draft,
    title: "Event use",
    ...objectOf({
      time: text,
      uses: arrayOf({
        description: "Id, percent of one processor, bytes, processes; or the id alone where nothing runs any more.",
        type: "array",
        prefixItems: [text, nullable(amount), integer, integer],
        minItems: 1,
        maxItems: 4,
      }),
    }),
  },
  "web-session": {
    $schema: draft,
    title: "GET /api/v1/session",
    ...objectOf({ version: { const: 1 }, software: text, needsToken: flag, isSignedIn: flag, mayControl: flag }),
  },
  "web-sent": {
    $schema: draft,
    title: "POST /api/v1/services/ID/ACTION",
    ...objectOf({ version: { const: 1 }, id: text, action: text, commands: arrayOf(text) }),
  },
  "web-error": {
    $schema: draft,
    title: "Every answer that is an error",
    ...objectOf({ error: objectOf({ code: { enum: Object.keys(errorStatus) }, message: text }) }),
  },
};
