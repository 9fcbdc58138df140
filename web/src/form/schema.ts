// The form of a model as the API serves it, read once into types: all that the pages know about a model stands here.
//
// What this version of the pages does not know, a type or a condition of a later schema, never stops anybody: an unknown
// type is text, an unknown condition asks, does not require and rules nothing. The server judges.

import type { Condition } from "./condition";
import { readCondition } from "./condition";
import { flag, list, number, optionalText, record, text } from "./reading";
import type { StoredDocument } from "./document";
import type { Check } from "./rule";
import { readCheck } from "./rule";

/** What a person or a rule can write into a field. */
export type Scalar = string | number | boolean;

/** What a field holds once it is filled in. */
export type Filled = Scalar | StoredDocument;

/** The same, or nothing. */
export type Value = Filled | null;

/** A choice as people read it and as it is stored. */
export interface Option {
  readonly value: string;
  readonly label: string;
}

/** What a field may hold. */
export type FieldType =
  | { readonly kind: "text"; readonly min: number; readonly max: number; readonly charset: string }
  | { readonly kind: "integer" | "money"; readonly min: number; readonly max: number }
  | { readonly kind: "date"; readonly min: string | undefined; readonly max: string | undefined }
  | { readonly kind: "choice"; readonly options: readonly Option[] }
  | {
      readonly kind: "table-choice";
      readonly table: string;
      readonly ever: boolean;
      readonly exceptTag: string | undefined;
      readonly exceptMessage: string | undefined;
    }
  | { readonly kind: "file"; readonly maxBytes: number; readonly formats: readonly string[] }
  | { readonly kind: Plain }
  | { readonly kind: "unknown" };

/** The types that say everything by their name. */
type Plain = (typeof PLAIN)[number];
const PLAIN = [
  "boolean", "must-be-true", "person-fiscal-code", "company-fiscal-code", "vat-number", "email", "pec", "postal-code",
] as const;

/** Where a value comes from; a registry field names the registries in the order in which they are tried. */
export type Source =
  | { readonly kind: "hand" | "identity" | "profile" | "start" | "derived" | "upload" | "unknown" }
  | { readonly kind: "registry"; readonly registries: readonly string[] };

/** How the portal computes a value. */
export type Derivation =
  | { readonly kind: "copy"; readonly from: string }
  | { readonly kind: "constant"; readonly value: Scalar }
  | { readonly kind: "days"; readonly from: string; readonly to: string }
  | { readonly kind: "sum"; readonly parts: readonly string[] };

export interface Field {
  readonly key: string;
  readonly section: string;
  readonly label: string;
  readonly help: string;
  readonly type: FieldType;
  /** When it is asked; always, if there is none. */
  readonly visible: Condition | undefined;
  /** When it counts: always, never, or while a condition holds. */
  readonly required: boolean | Condition;
  readonly source: Source;
  /** Whether a registry answers at once or within days. */
  readonly mode: "now" | "later" | undefined;
  /** Whether a person may type it once the registry has said that it has none. */
  readonly handIfAbsent: boolean;
  /** What the rest of the portal needs it for, such as `worker-surname`. */
  readonly role: string | undefined;
  readonly derive: Derivation | undefined;
}

export interface Section {
  readonly key: string;
  readonly title: string;
  readonly help: string;
}

/** A rule over several fields; a blocking one keeps the form from being complete, the others are remarks. */
export interface Rule {
  readonly code: string;
  readonly field: string;
  readonly message: string;
  readonly blocking: boolean;
  readonly when: Condition | undefined;
  readonly check: Check;
}

export interface TableRow {
  readonly code: string;
  readonly label: string;
  readonly tags: readonly string[];
  readonly parent: string | undefined;
  readonly amount: number | undefined;
  readonly validFrom: string | undefined;
  readonly validUntil: string | undefined;
}

export type Table = ReadonlyMap<string, TableRow>;

/** One version of one model's form, with the tables that come with it. */
export interface Model {
  readonly id: string;
  readonly model: string;
  readonly title: string;
  readonly sections: readonly Section[];
  readonly fields: readonly Field[];
  readonly rules: readonly Rule[];
  /** When a registry is asked at all; always, where there is no condition. */
  readonly registries: ReadonlyMap<string, Condition>;
  readonly tables: ReadonlyMap<string, Table>;
  field(key: string): Field | undefined;
}

/**
 * Reads the answer of `GET /api/models/{schema}`.
 *
 * Throws where it is no form at all, because a page could then only guess.
 */
export function readModel(served: unknown): Model {
  const { schema, tables } = record(served, "model");
  const whole = record(schema, "schema");
  const fields = list(whole["fields"], "fields").map(readField);
  const byKey = new Map(fields.map((field) => [field.key, field]));
  const registries = new Map<string, Condition>();
  for (const [name, note] of Object.entries(record(whole["registries"] ?? {}, "registries"))) {
    const when = readCondition(record(note, name)["when"]);
    if (when) registries.set(name, when);
  }
  return {
    id: text(whole["id"], "id"),
    model: text(whole["model"], "model"),
    title: text(whole["title"], "title"),
    sections: list(whole["sections"], "sections").map(readSection),
    fields,
    rules: list(whole["rules"] ?? [], "rules").flatMap(readRule),
    registries,
    tables: new Map(Object.entries(record(tables ?? {}, "tables")).map(([name, table]) => [name, readTable(table)])),
    field: (key) => byKey.get(key),
  };
}

function readSection(served: unknown): Section {
  const { key, title, help } = record(served, "section");
  return { key: text(key, "key"), title: text(title, "title"), help: optionalText(help) ?? "" };
}

function readField(served: unknown): Field {
  const field = record(served, "field");
  const key = text(field["key"], "key");
  const mode = optionalText(field["mode"]);
  return {
    key,
    section: text(field["section"], key),
    label: text(field["label"], key),
    help: optionalText(field["help"]) ?? "",
    type: readType(field["type"]),
    visible: readCondition(field["visible"]),
    required: readRequired(field["required"]),
    source: readSource(text(field["source"], key)),
    mode: mode === "now" || mode === "later" ? mode : undefined,
    handIfAbsent: flag(field["hand_if_absent"]),
    role: optionalText(field["role"]),
    derive: readDerivation(field["derive"]),
  };
}

function readRequired(served: unknown): boolean | Condition {
  if (served === undefined || served === "always") return true;
  if (served === "never" || typeof served !== "object" || served === null) return false;
  return readCondition((served as Record<string, unknown>)["when"]) ?? false;
}

function readSource(source: string): Source {
  switch (source) {
    case "hand":
    case "identity":
    case "profile":
    case "start":
    case "derived":
    case "upload":
      return { kind: source };
    default: {
      const [, names] = /^registry:(.+)$/.exec(source) ?? [];
      return names === undefined ? { kind: "unknown" } : { kind: "registry", registries: names.split("|") };
    }
  }
}

function readType(served: unknown): FieldType {
  const type = record(served, "type");
  const kind = optionalText(type["kind"]) ?? "";
  switch (kind) {
    case "text":
      return { kind, min: number(type["min"], kind), max: number(type["max"], kind), charset: text(type["charset"], kind) };
    case "integer":
    case "money":
      return { kind, min: number(type["min"], kind), max: number(type["max"], kind) };
    case "date":
      return { kind, min: optionalText(type["min"]), max: optionalText(type["max"]) };
    case "choice":
      return { kind, options: list(type["options"], kind).map(readOption) };
    case "table-choice":
      return {
        kind,
        table: text(type["table"], kind),
        ever: flag(type["ever"]),
        exceptTag: optionalText(type["except_tag"]),
        exceptMessage: optionalText(type["except_message"]),
      };
    case "file":
      return {
        kind,
        maxBytes: number(type["max_bytes"], kind),
        formats: list(type["formats"], kind).map((format) => text(format, kind)),
      };
    default: {
      const plain = PLAIN.find((each) => each === kind);
      return { kind: plain ?? "unknown" };
    }
  }
}

function readOption(served: unknown): Option {
  const { value, label } = record(served, "option");
  return { value: text(value, "value"), label: text(label, "label") };
}

function readDerivation(served: unknown): Derivation | undefined {
  if (typeof served !== "object" || served === null) return undefined;
  const { copy, constant, days, sum } = served as Record<string, unknown>;
  if (typeof copy === "string") return { kind: "copy", from: copy };
  if (typeof constant === "string" || typeof constant === "number" || typeof constant === "boolean") {
    return { kind: "constant", value: constant };
  }
  if (Array.isArray(days)) return { kind: "days", from: text(days[0], "days"), to: text(days[1], "days") };
  if (Array.isArray(sum)) return { kind: "sum", parts: sum.map((part) => text(part, "sum")) };
  return undefined;
}

/** None where the condition or the check is of a kind that this version does not know. */
function readRule(served: unknown): Rule[] {
  const rule = record(served, "rule");
  const when = readCondition(rule["when"]);
  const check = readCheck(rule["check"]);
  const isKnown = check !== undefined && (when !== undefined || rule["when"] === undefined || rule["when"] === null);
  if (!isKnown) return [];
  const code = text(rule["code"], "code");
  return [{
    code,
    field: text(rule["field"], code),
    message: text(rule["message"], code),
    blocking: rule["blocking"] !== false,
    when,
    check,
  }];
}

function readTable(served: unknown): Table {
  const rows = list(record(served, "table")["entries"], "entries").map((entry) => {
    const row = record(entry, "row");
    const code = text(row["code"], "row");
    return [code, {
      code,
      label: text(row["label"], code),
      tags: list(row["tags"] ?? [], code).map((tag) => text(tag, code)),
      parent: optionalText(row["parent"]),
      amount: typeof row["amount"] === "number" ? row["amount"] : undefined,
      validFrom: optionalText(row["valid_from"]),
      validUntil: optionalText(row["valid_until"]),
    }] as const;
  });
  return new Map(rows);
}
