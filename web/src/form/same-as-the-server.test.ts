// FRM-1, FRM-2: the two form engines cannot disagree, because both are held to the same files.

import { describe, expect, it } from "vitest";
import { completeness } from "./completeness";
import { withDerived } from "./derivation";
import { checkField } from "./field-check";
import type { FixtureDraft } from "./shared-fixtures";
import { answersOf, drafts, realField, realModel, servedModels, typedValues } from "./shared-fixtures";
import { isWritable } from "./source";
import { singleSpaced, visible } from "./typed-text";
import type { Model, Value } from "./schema";

/** The verdict of this engine, written as the server's. */
function verdict(model: Model, base: Readonly<Record<string, Value>>, draft: FixtureDraft, usual: FixtureDraft["verdict"]["derived"]) {
  const today = draft.today ?? drafts.today;
  const answers = withDerived(model, answersOf(model, base, draft));
  const judged = completeness(model, answers, today);
  const missing = new Map(judged.sections.flatMap((section) => section.missing.map(({ field, who }) => [field.key, who])));
  const letters = model.fields.map((field) => {
    if (!judged.view.isAsked(field.key)) return "-";
    const value = judged.view.value(field.key);
    const isRefused = value !== undefined && "code" in checkField(model, field, value, today);
    const isRequired = judged.view.isRequired(field);
    if (isRefused) return isRequired ? "x" : "o";
    const who = missing.get(field.key);
    if (who === undefined) return isRequired ? "r" : ".";
    if (who === "person" || who === "portal") return who === "person" ? "m" : "p";
    return "ABCDE".charAt(drafts.registries.indexOf(who.replace("registry:", "")));
  });
  const rules = new Set(model.rules.map((rule) => rule.code));
  const told = (mistakes: typeof judged.mistakes) =>
    mistakes.map(({ field, code, message }) => (rules.has(code) ? [field, code] : [field, code, message]));
  const derived = model.fields
    .filter((field) => field.derive)
    .map((field) => [field.key, answers.get(field.key)?.value ?? null] as const)
    .filter(([key, value]) => usual?.[key] !== value);
  return {
    fields: letters.join("").replace(/(.)\1+/g, (run, letter: string) => `${run.length}${letter}`),
    percent: judged.percent,
    sections: Object.fromEntries(judged.sections.filter(({ percent }) => percent < 100).map(({ key, percent }) => [key, percent])),
    errors: told(judged.mistakes),
    remarks: told(judged.remarks),
    typed: model.fields
      .filter((field) => field.source.kind === "registry" && isWritable(field, answers.get(field.key)))
      .map((field) => field.key),
    derived: Object.fromEntries(derived),
  };
}

describe.each(Object.keys(drafts.models))("drafts of %s", (id) => {
  const model = realModel(id);
  const { base, drafts: all } = drafts.models[id] ?? { base: {}, drafts: [] };
  const usual = all[0]?.verdict.derived;

  it("have drafts with each verdict", () => {
    const seen = new Set(all.flatMap((draft) => Array.from(draft.verdict.fields.replace(/\d/g, ""))));
    for (const letter of "-.rxmp") expect(seen, letter).toContain(letter);
    expect(Array.from("ABCDE").filter((registry) => seen.has(registry)).length).toBeGreaterThan(1);
  });

  it.each(all.map((draft, place) => [draft.name, place] as const))("%s", (_, place) => {
    const draft = all[place];
    if (!draft) throw new Error("no draft");
    const { fields, percent, sections = {}, errors = [], remarks = [], typed = [], derived = {} } = draft.verdict;
    const expected = { fields, percent, sections, errors, remarks, typed, derived: place === 0 ? {} : derived };
    expect(verdict(model, base, draft, usual)).toEqual(expected);
  });
});

describe("typed values", () => {
  it.each(typedValues.typed.map((group) => [`${group.schema} ${group.field} on ${group.today}`, group] as const))("%s", (_, group) => {
    const model = realModel(group.schema);
    const field = realField(model, group.field);
    const check = (value: unknown) => checkField(model, field, value, group.today);
    for (const value of group.kept ?? []) expect(check(value), JSON.stringify(value)).toEqual({ value });
    for (const [value, normal] of group.changed ?? []) {
      expect(check(value), JSON.stringify(value)).toEqual({ value: normal });
    }
    for (const [code, messages] of Object.entries(group.refused ?? {})) {
      for (const [message, values] of Object.entries(messages)) {
        for (const value of values) expect(check(value), JSON.stringify(value)).toEqual({ code, message });
      }
    }
  });

  it("lose exactly the characters that the server drops", () => {
    expect(ranges((symbol) => visible(symbol) === "")).toEqual(typedValues.invisible);
  });

  it("take for white space exactly what the server does", () => {
    expect(ranges((symbol) => singleSpaced(symbol) === "")).toEqual(typedValues.space);
  });
});

it("every kind of field, condition and check of the real models is known", () => {
  for (const [id, served] of servedModels) {
    const model = realModel(id);
    const schema = served.schema as { fields: { visible?: unknown; required?: unknown }[]; rules: unknown[] };
    expect(model.fields.filter((field) => field.type.kind === "unknown" || field.source.kind === "unknown")).toEqual([]);
    expect(model.fields.filter((field) => field.visible)).toHaveLength(schema.fields.filter((field) => field.visible).length);
    expect(model.fields.filter((field) => typeof field.required === "object")).toHaveLength(
      schema.fields.filter((field) => typeof field.required === "object").length,
    );
    expect(model.rules).toHaveLength(schema.rules.length);
  }
});

/** The runs of code points of which it holds, without surrogates, which no text of the server can hold. */
function ranges(isOne: (symbol: string) => boolean): [number, number][] {
  const found: [number, number][] = [];
  for (let point = 0; point <= 0x10ffff; point += 1) {
    if ((point >= 0xd800 && point <= 0xdfff) || !isOne(String.fromCodePoint(point))) continue;
    const last = found.at(-1);
    if (last && last[1] === point - 1) last[1] = point;
    else found.push([point, point]);
  }
  return found;
}
