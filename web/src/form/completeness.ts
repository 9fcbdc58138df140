// How far a draft is: what is asked, what is missing and who has to act, what is refused and what contradicts itself; the
// same as the server's, so that a page can say it before the next save. The percentage that people see is the server's.

import { View, holds } from "./condition";
import { checkField } from "./field-check";
import { isKept } from "./rule";
import type { Field, Model, Value } from "./schema";
import { fromRegistry, isLeftToPerson } from "./source";

/** A value of the draft, as the API tells it. */
export interface Stored {
  /** In its normal form; null where a registry said that it has none. */
  readonly value: Value;
  /** `person`, `identity`, `profile`, `start`, `derived`, `upload` or `registry:<name>`. */
  readonly source: string;
}

export type Answers = ReadonlyMap<string, Stored>;

/** Who has to act: `person`, `portal` or `registry:<name>`, as on the wire. */
export type Who = "person" | "portal" | `registry:${string}`;

export interface Missing {
  readonly field: Field;
  readonly who: Who;
}

/** What is wrong with a field that is filled in. */
export interface Mistake {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

export interface SectionCompleteness {
  readonly key: string;
  readonly percent: number;
  readonly missing: readonly Missing[];
}

export interface Completeness {
  readonly view: View;
  readonly percent: number;
  readonly sections: readonly SectionCompleteness[];
  /** What keeps the form from being complete although it is filled in. */
  readonly mistakes: readonly Mistake[];
  /** What an officer will look at, but does not keep the form from being complete. */
  readonly remarks: readonly Mistake[];
}

/** How far these answers are on that day. Stored values are checked again, because bounds and tables move with the day. */
export function completeness(model: Model, answers: Answers, today: string): Completeness {
  const view = new View(model, (key) => answers.get(key)?.value);
  const mistakes: Mistake[] = [];
  let [filledInAll, askedInAll] = [0, 0];
  const sections = model.sections.map(({ key }) => {
    let [filled, asked] = [0, 0];
    const missing: Missing[] = [];
    for (const field of model.fields) {
      if (field.section !== key || !view.isAsked(field.key)) continue;
      const value = view.value(field.key);
      const verdict = value === undefined ? undefined : checkField(model, field, value, today);
      const isRefused = verdict !== undefined && "code" in verdict;
      if (isRefused) mistakes.push({ field: field.key, code: verdict.code, message: verdict.message });
      if (!view.isRequired(field)) continue;
      asked += 1;
      if (value === undefined) missing.push({ field, who: whoActs(model, field, answers, view) });
      else if (!isRefused) filled += 1;
    }
    filledInAll += filled;
    askedInAll += asked;
    return { key, percent: percent(filled, asked), missing };
  });
  const remarks: Mistake[] = [];
  for (const rule of model.rules) {
    if (isKept(rule, view, model)) continue;
    (rule.blocking ? mistakes : remarks).push({ field: rule.field, code: rule.code, message: rule.message });
  }
  const whole = percent(filledInAll, askedInAll);
  return { view, percent: mistakes.length === 0 ? whole : Math.min(whole, 99), sections, mistakes, remarks };
}

/** The registry that fills the field: the first whose condition holds; none where none is asked. */
export function responsibleRegistry(model: Model, field: Field, view: View): string | undefined {
  if (field.source.kind !== "registry") return undefined;
  return field.source.registries.find((registry) => {
    const when = model.registries.get(registry);
    return when === undefined || holds(when, view);
  });
}

function whoActs(model: Model, field: Field, answers: Answers, view: View): Who {
  switch (field.source.kind) {
    case "identity":
    case "profile":
    case "start":
      return "portal";
    case "registry": {
      const registry = responsibleRegistry(model, field, view);
      const isLeft = field.handIfAbsent && isLeftToPerson(answers.get(field.key));
      return registry === undefined || isLeft ? "person" : fromRegistry(registry);
    }
    default:
      return "person";
  }
}

/** Rounded down, so that 100 means all; nothing asked counts as all answered. */
function percent(filled: number, asked: number): number {
  return asked === 0 ? 100 : Math.floor((filled * 100) / asked);
}
