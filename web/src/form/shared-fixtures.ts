// The files that the Rust form engine writes for this one (shared/domain/src/form/tests/browser.rs): models as the API serves
// them, drafts and typed values with the verdicts of the server. Only tests read them.

import { readFileSync } from "node:fs";
import type { Answers, Stored } from "./completeness";
import { list, record } from "./reading";
import type { Field, Model, Value } from "./schema";
import { readModel } from "./schema";

/** A draft as what it differs in from the one in which every field has its example. */
export interface FixtureDraft {
  readonly name: string;
  readonly today?: string;
  readonly empty?: boolean;
  readonly set?: Readonly<Record<string, Value>>;
  readonly by?: Readonly<Record<string, string>>;
  readonly without?: readonly string[];
  readonly verdict: {
    readonly fields: string;
    readonly percent: number;
    readonly sections?: Readonly<Record<string, number>>;
    readonly errors?: readonly (readonly string[])[];
    readonly remarks?: readonly (readonly string[])[];
    readonly typed?: readonly string[];
    readonly derived?: Readonly<Record<string, Value>>;
  };
}

export interface Drafts {
  readonly today: string;
  readonly registries: readonly string[];
  readonly models: Readonly<
    Record<string, { readonly base: Readonly<Record<string, Value>>; readonly drafts: readonly FixtureDraft[] }>
  >;
}

export interface TypedGroup {
  readonly schema: string;
  readonly field: string;
  readonly today: string;
  readonly kept?: readonly unknown[];
  readonly changed?: readonly (readonly [unknown, unknown])[];
  readonly refused?: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>;
}

export interface TypedValues {
  readonly invisible: readonly (readonly [number, number])[];
  readonly space: readonly (readonly [number, number])[];
  readonly typed: readonly TypedGroup[];
}

export const drafts = fixture("drafts") as Drafts;
export const typedValues = fixture("values") as TypedValues;

const served = record(fixture("models"), "models");
const tables = new Map(list(served["tables"], "tables").map((table) => [String(record(table, "table")["name"]), table]));

/** What `GET /api/models/{schema}` answers, by id; with the tables of its rules, too. */
export const servedModels = new Map(
  list(served["schemas"], "schemas").map((schema) => {
    const lines = list(served["lines"], "lines");
    const whole = { ...record(schema, "schema") };
    for (const kind of ["sections", "fields", "rules"]) {
      whole[kind] = list(whole[kind], kind).map((place) => lines[Number(place)]);
    }
    const named = JSON.stringify(whole).matchAll(/"table":"([^"]+)"/g);
    return [String(whole["id"]), {
      schema: whole,
      tables: Object.fromEntries(Array.from(named, ([, name = ""]) => [name, tables.get(name)])),
    }] as const;
  }),
);

const models = new Map(Array.from(servedModels, ([id, each]) => [id, readModel(each)]));

/** One of the four real models. */
export function realModel(id: string): Model {
  const model = models.get(id);
  if (!model) throw new Error(`no model ${id}`);
  return model;
}

/** The field of that key. */
export function realField(model: Model, key: string): Field {
  const field = model.field(key);
  if (!field) throw new Error(`no field ${key}`);
  return field;
}

/** Who gives a value if nothing else is said. */
export function usualSource(field: Field): string {
  switch (field.source.kind) {
    case "registry":
      return `registry:${field.source.registries[0]}`;
    case "hand":
    case "unknown":
      return "person";
    default:
      return field.source.kind;
  }
}

/** The answers of a draft, without what the portal computes. */
export function answersOf(model: Model, base: Readonly<Record<string, Value>>, draft: FixtureDraft): Answers {
  const values = { ...(draft.empty ? {} : base) };
  for (const key of draft.without ?? []) delete values[key];
  const all = Object.entries({ ...values, ...draft.set });
  return new Map<string, Stored>(
    all.map(([key, value]) => [key, { value, source: draft.by?.[key] ?? usualSource(realField(model, key)) }]),
  );
}

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
}
