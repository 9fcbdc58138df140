// Holds the canned answers against docs/openapi.json: every required member is there and of its type, so that tests never
// show pages an answer that the API cannot give.

import { readFileSync } from "node:fs";
import { communicationsOf, historyOf, inState, withPlace } from "./data.mjs";
import { answersOf, later } from "./later.mjs";
import { ordinary } from "./server.mjs";

const api = JSON.parse(readFileSync(new URL("../../../docs/openapi.json", import.meta.url), "utf8"));

function resolve(schema) {
  return schema?.$ref ? api.components.schemas[schema.$ref.split("/").at(-1)] : schema;
}

function kindOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function wrong(value, given, at) {
  const schema = resolve(given);
  if (!schema) return [];
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) {
    const found = choices.map((choice) => wrong(value, choice, at));
    return found.some((one) => one.length === 0) ? [] : found[0];
  }
  const all = (schema.allOf ?? []).flatMap((part) => wrong(value, part, at));
  const types = [schema.type ?? []].flat();
  const kind = kindOf(value);
  if (types.length > 0 && !types.includes(kind) && !(kind === "integer" && types.includes("number"))) return [`${at} is ${kind}, not ${types}`];
  if (kind === "array") return value.flatMap((one, n) => wrong(one, schema.items, `${at}[${n}]`));
  if (kind !== "object") return all;
  const missing = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) => (name in value ? wrong(value[name], member, `${at}.${name}`) : []));
  return [...all, ...missing, ...members];
}

/** What does not fit. Routes that the description does not have yet are let be. */
export function misshapen() {
  const view = { $ref: "#/components/schemas/ApplicationView" };
  const applications = Object.entries({ ...inState, ...withPlace }).flatMap(([name, application]) => [
    ...wrong(application(), view, name),
    ...wrong(historyOf(application()), { $ref: "#/components/schemas/HistoryView" }, `history of ${name}`),
    ...wrong(communicationsOf(application()), { $ref: "#/components/schemas/CommunicationView" }, `communications of ${name}`),
  ]);
  const routes = [ordinary(), ...Object.keys(later).map(answersOf)];
  return [...applications, ...routes.flatMap(misshapenRoutes)];
}

function misshapenRoutes(answers) {
  return Object.entries(answers).flatMap(([route, given]) => {
    const [method, path] = route.split(" ");
    const operation = api.paths[path.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
    const answer = typeof given === "function" ? given({}, { query: new URLSearchParams("model=c-stag-agricoltura&campaign=df-2026"), body: null, times: 1, application: answers["GET /api/applications/:id"]() }) : given;
    const { status, body } = typeof answer.status === "number" ? answer : { status: 200, body: answer };
    const schema = operation?.responses?.[String(status)]?.content?.["application/json"]?.schema;
    return schema && body !== undefined ? wrong(body, schema, route) : [];
  });
}
