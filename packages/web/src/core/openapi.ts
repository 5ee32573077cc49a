import { version } from "@upkeep/program/core/version";

import { actionWords } from "./actions.ts";
import { apiPrefix, controlHeader } from "./api.ts";

// The description of the interface. Source: OpenAPI 3.1.0. Schemas are those that the server itself serves.

type Node = Readonly<Record<string, unknown>>;

const json = (name: string): Node => ({
  "application/json": { schema: { $ref: `${apiPrefix}/schema/${name}.json` } },
});
const answer = (description: string, content: Node): Node => ({ description, content });
const plain = (description: string): Node => answer(description, { "text/plain": { schema: { type: "string" } } });
const failure = { default: answer("What is wrong", json("web-error")) };

const idParameter = {
  name: "id",
  in: "path",
  required: true,
  description: "The id of a service as the list has it. It is encoded already.",
  schema: { type: "string" },
};
const control = {
  name: controlHeader,
  in: "header",
  required: true,
  description: "Any value. No other site can make a browser send it.",
  schema: { type: "string" },
};
const query = (name: string, description: string): Node => ({
  name,
  in: "query",
  description,
  schema: { type: "string" },
});

const get = (summary: string, responses: Node, parameters: readonly Node[] = []): Node => ({
  get: { summary, parameters, responses: { ...responses, ...failure } },
});

const events = (description: string): Node =>
  answer(description, { "text/event-stream": { schema: { type: "string" } } });

/** The description in OpenAPI. */
export const openApi: Node = {
  openapi: "3.1.0",
  info: {
    title: "upkeep web",
    version,
    description: "The services of scan directories. Within v1 fields are only added.",
    license: { name: "MIT", identifier: "MIT" },
  },
  security: [{}, { token: [] }, { cookie: [] }],
  paths: {
    [`${apiPrefix}/session`]: {
      ...get("Who asks, and what is allowed", { 200: answer("The session", json("web-session")) }),
      post: {
        summary: "Sign in by the token: answers with a cookie",
        parameters: [control],
        security: [{ token: [] }],
        responses: { 204: { description: "Signed in" }, ...failure },
      },
      delete: {
        summary: "Sign out",
        parameters: [control],
        responses: { 204: { description: "Signed out" }, ...failure },
      },
    },
    [`${apiPrefix}/services`]: get("All services", { 200: answer("The services", json("web-services")) }),
    [`${apiPrefix}/services/{id}`]: get(
      "All that is known of a service",
      { 200: answer("The service", json("web-service")) },
      [idParameter],
    ),
    [`${apiPrefix}/services/{id}/log`]: get(
      "Lines of its log",
      {
        200: answer("An object on each line; or events lines, reset, problem, beat; or text", {
          "application/x-ndjson": { schema: { $ref: `${apiPrefix}/schema/web-log-line.json` } },
          "text/event-stream": { schema: { type: "string" } },
          "text/plain": { schema: { type: "string" } },
        }),
      },
      [
        idParameter,
        query("lines", "The last lines, or all"),
        query("since", "From then on: ISO 8601, or as sv log has it"),
        query("until", "Up to then"),
        query("run", "Of one start of ./run only: last, or 2 for the one before it"),
        query("contains", "Lines with this text"),
        query("follow", "1: go on with what comes"),
        query("format", "ndjson, text or events"),
      ],
    ),
    [`${apiPrefix}/services/{id}/{action}`]: {
      post: {
        summary: "Ask its supervisor for something. Only with --allow-control",
        parameters: [
          idParameter,
          { name: "action", in: "path", required: true, schema: { enum: actionWords } },
          control,
        ],
        responses: { 202: answer("It was asked", json("web-sent")), ...failure },
      },
    },
    [`${apiPrefix}/events`]: get("Services as they change", {
      200: events("Events state (web-services), change (web-change), use (web-use), beat"),
    }),
    "/healthz": get("As sv health", { 200: plain("All are fine"), 503: plain("One is not") }),
    "/healthz/{id}": get("As sv health of one service", { 200: plain("It is fine"), 503: plain("It is not") }, [
      idParameter,
    ]),
    "/metrics": get("For Prometheus, in OpenMetrics", { 200: plain("Metrics") }),
  },
  components: {
    securitySchemes: {
      token: { type: "http", scheme: "bearer" },
      cookie: { type: "apiKey", in: "cookie", name: "upkeep-web" },
    },
  },
};
