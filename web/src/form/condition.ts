// Small expressions over values, as data: when a field is asked, required or ruled upon. A hidden or empty field equals
// nothing.

import type { Field, Filled, Model, Value } from "./schema";

export type Condition =
  | { readonly kind: "equals"; readonly field: string; readonly equals: unknown }
  | { readonly kind: "one-of"; readonly field: string; readonly oneOf: readonly unknown[] }
  | { readonly kind: "present"; readonly field: string; readonly present: boolean }
  | { readonly kind: "tagged"; readonly field: string; readonly tagged: string }
  | { readonly kind: "all" | "any"; readonly parts: readonly Condition[] }
  | { readonly kind: "not"; readonly part: Condition };

/** None where there is none, or where a part of it is of a kind that this version does not know. */
export function readCondition(served: unknown): Condition | undefined {
  if (typeof served !== "object" || served === null) return undefined;
  const { field, equals, one_of, present, tagged, all, any, not } = served as Record<string, unknown>;
  if (typeof field === "string") {
    if (equals !== undefined) return { kind: "equals", field, equals };
    if (Array.isArray(one_of)) return { kind: "one-of", field, oneOf: one_of };
    if (typeof present === "boolean") return { kind: "present", field, present };
    if (typeof tagged === "string") return { kind: "tagged", field, tagged };
    return undefined;
  }
  for (const [kind, parts] of [["all", all], ["any", any]] as const) {
    if (!Array.isArray(parts)) continue;
    const read = parts.map(readCondition).filter((part) => part !== undefined);
    return read.length === parts.length ? { kind, parts: read } : undefined;
  }
  const part = readCondition(not);
  return part && { kind: "not", part };
}

/** Whether it holds for what is asked and filled in. */
export function holds(condition: Condition, view: View): boolean {
  switch (condition.kind) {
    case "equals":
      return view.value(condition.field) === condition.equals;
    case "one-of": {
      const value = view.value(condition.field);
      return value !== undefined && condition.oneOf.includes(value);
    }
    case "present":
      return (view.value(condition.field) !== undefined) === condition.present;
    case "tagged":
      return view.isTagged(condition.field, condition.tagged);
    case "all":
      return condition.parts.every((part) => holds(part, view));
    case "any":
      return condition.parts.some((part) => holds(part, view));
    case "not":
      return !holds(condition.part, view);
  }
}

/** Every field that it looks at. */
export function fieldsOf(condition: Condition): string[] {
  switch (condition.kind) {
    case "all":
    case "any":
      return condition.parts.flatMap(fieldsOf);
    case "not":
      return fieldsOf(condition.part);
    default:
      return [condition.field];
  }
}

/** The values that count: filled in, and of fields that are asked at all. */
export class View {
  readonly #model: Model;
  readonly #asked = new Map<string, Field>();
  readonly #values = new Map<string, Filled>();

  /** Decides field by field, in the order of the form: a condition only looks back, so one pass is enough. */
  constructor(model: Model, valueOf: (key: string) => Value | undefined) {
    this.#model = model;
    for (const field of model.fields) {
      if (field.visible && !holds(field.visible, this)) continue;
      this.#asked.set(field.key, field);
      const value = valueOf(field.key);
      if (value !== null && value !== undefined) this.#values.set(field.key, value);
    }
  }

  value(key: string): Filled | undefined {
    return this.#values.get(key);
  }

  isAsked(key: string): boolean {
    return this.#asked.has(key);
  }

  isRequired({ required }: Field): boolean {
    return typeof required === "boolean" ? required : holds(required, this);
  }

  /** Whether the row of the table that the field holds carries that tag. */
  isTagged(key: string, tag: string): boolean {
    const type = this.#asked.get(key)?.type;
    const code = this.value(key);
    if (type?.kind !== "table-choice" || typeof code !== "string") return false;
    return this.#model.tables.get(type.table)?.get(code)?.tags.includes(tag) ?? false;
  }
}
