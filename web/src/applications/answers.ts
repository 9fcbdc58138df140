// The answers of a form as people read them: labels and words of the form, values of the draft. Pure.

import type { DraftView } from "../api/generated";
import { plainDate } from "../dates/instant";
import { euro } from "../dates/money";
import { texts as all } from "../texts/it/applications";
import { sizeInWords } from "../uploads/local-check";

const texts = all.one;

/** What is needed of the form as the API serves it. */
export interface ServedForm {
  schema: {
    sections: { key: string; title: string }[];
    fields: { key: string; section: string; label: string; type: { kind: string; options?: { value: string; label: string }[]; table?: string } }[];
  };
  tables?: Record<string, { entries: { code: string; label: string }[] }>;
}

/** A section with its answers. */
export interface AnsweredSection {
  key: string;
  title: string;
  answers: { key: string; label: string; value: string }[];
}

type Type = ServedForm["schema"]["fields"][number]["type"];

const isFile = (value: unknown): value is { bytes: number } =>
  typeof value === "object" && value !== null && "bytes" in value && typeof value.bytes === "number";

function words(value: unknown, type: Type, tables: ServedForm["tables"]): string {
  if (typeof value === "boolean") return value ? texts.yes : texts.no;
  if (type.kind === "file" && isFile(value)) return texts.document(sizeInWords(value.bytes));
  if (typeof value === "number") return type.kind === "money" ? euro(value) : String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (type.kind === "date") return plainDate(text);
  const option = type.options?.find((one) => one.value === text)?.label;
  const row = type.table ? tables?.[type.table]?.entries.find((one) => one.code === text)?.label : undefined;
  return option ?? row ?? text;
}

/** The sections that have answers, in the order of the form. */
export function answered({ schema, tables }: ServedForm, { values }: Pick<DraftView, "values">): AnsweredSection[] {
  return schema.sections
    .map(({ key, title }) => ({
      key,
      title,
      answers: schema.fields
        .filter((field) => field.section === key && values[field.key]?.value !== undefined && values[field.key]?.value !== null)
        .map((field) => ({ key: field.key, label: field.label, value: words(values[field.key]?.value, field.type, tables) })),
    }))
    .filter(({ answers }) => answers.length > 0);
}
