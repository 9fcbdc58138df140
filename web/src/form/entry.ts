// Between what stands in a control and the value that travels. What cannot be read as the value of its field stays the text
// that was typed, so that it is kept, shown again and told what is wrong with it.

import { cents, euro } from "../dates/money";
import { plainDate } from "../dates/instant";
import { sizeInWords } from "../uploads/local-check";
import { formTexts } from "../texts/it/form";
import type { Field, FieldType, Model, Value } from "./schema";
import { compact, trimmed } from "./typed-text";

/** The value of what is typed into the field's control. */
export function typedValue(type: FieldType, text: string): Value {
  if (trimmed(text) === "") return null;
  switch (type.kind) {
    case "integer":
      return /^-?[0-9]{1,15}$/.test(compact(text)) ? Number(compact(text)) : text;
    case "money":
      return cents(text) ?? text;
    default:
      return text;
  }
}

/** What stands in a control that is typed into. */
export function controlText(type: FieldType, value: Value): string {
  if (value === null || typeof value === "object") return "";
  return type.kind === "money" && typeof value === "number" ? amount(value) : String(value);
}

/** A value as it is read on a page: «1.250,00 €», «1º maggio 1990», «Sì», the label of a choice. */
export function shownValue(model: Model, field: Field, value: Value): string {
  if (value === null) return formTexts.empty;
  if (typeof value === "object") return formTexts.document(sizeInWords(value.bytes));
  if (typeof value === "boolean") return value ? formTexts.yes : formTexts.no;
  switch (field.type.kind) {
    case "money":
      return typeof value === "number" ? euro(value) : value;
    case "date":
      return plainDate(String(value));
    case "choice":
      return field.type.options.find((option) => option.value === value)?.label ?? String(value);
    case "table-choice":
      return model.tables.get(field.type.table)?.get(String(value))?.label ?? String(value);
    default:
      return String(value);
  }
}

function amount(cents: number): string {
  return euro(cents).replace(" €", "");
}
