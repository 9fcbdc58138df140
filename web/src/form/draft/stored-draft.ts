// A draft as the API tells it, read once into types: values, how far it is, what is awaited.

import type { Stored } from "../completeness";
import { readDocument } from "../document";
import type { Value } from "../schema";
import { list, optionalText, record, text } from "../reading";

/** A stored value with the instant at which it came. */
export interface StoredValue extends Stored {
  readonly at: string;
}

/** A question to a registry. */
export interface Question {
  readonly task: string;
  readonly isWaiting: boolean;
  /** When it is asked next. */
  readonly nextAt: string | undefined;
}

export interface StoredDraft {
  /** Counts the changes of the application. */
  readonly version: number;
  readonly percent: number;
  readonly values: ReadonlyMap<string, StoredValue>;
  readonly questions: readonly Question[];
}

/** Who wrote the other value of a conflict; a word that this version does not know is nobody's name. */
export type ConflictAuthor = "you-elsewhere" | "colleague" | "registry";
const AUTHORS: readonly ConflictAuthor[] = ["you-elsewhere", "colleague", "registry"];

/** One field that both sides changed to different values. */
export interface Conflict {
  readonly field: string;
  readonly yours: Value;
  readonly theirs: Value;
  readonly base: Value;
  readonly by?: ConflictAuthor | undefined;
  /** When theirs was written; none where they emptied the field. */
  readonly at?: string | undefined;
}

/** Reads the answer of readDraft and saveDraft; only what the form engine needs of it. */
export function readStoredDraft(served: unknown): StoredDraft {
  const draft = record(served, "draft");
  const values = Object.entries(record(draft["values"], "values")).map(([key, each]) => {
    const { value, source, at } = record(each, key);
    return [key, { value: valueOf(value), source: text(source, key), at: text(at, key) }] as const;
  });
  return {
    version: Number(draft["version"]),
    percent: Number(draft["percent"]),
    values: new Map(values),
    questions: list(draft["registries"], "registries").map((each) => {
      const { task, status, next_at } = record(each, "registry");
      return { task: text(task, "task"), isWaiting: status === "waiting", nextAt: optionalText(next_at) };
    }),
  };
}

/** Reads the member `conflicts` of a 409. */
export function readConflicts(served: unknown): Conflict[] {
  if (!Array.isArray(served)) return [];
  return served.map((each) => {
    const { field, yours, theirs, base, by, at } = record(each, "conflict");
    return {
      field: text(field, "conflict"),
      yours: valueOf(yours),
      theirs: valueOf(theirs),
      base: valueOf(base),
      by: AUTHORS.find((author) => author === by),
      at: optionalText(at),
    };
  });
}

function valueOf(value: unknown): Value {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return readDocument(value) ?? null;
}
