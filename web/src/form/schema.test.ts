import { describe, expect, it } from "vitest";
import { completeness } from "./completeness";
import type { Stored } from "./completeness";
import { checkField } from "./field-check";
import { ShapeError } from "./reading";
import { readModel } from "./schema";
import { realModel, servedModels } from "./shared-fixtures";

const TODAY = "2026-11-22";

const field = (key: string, more: object = {}) => ({
  key, section: "s", label: key, help: "", type: { kind: "text", min: 1, max: 9, charset: "line" }, source: "hand", ...more,
});

function model(fields: object[], rules: object[] = [], tables: object = {}) {
  const sections = [{ key: "s", title: "S", help: "" }];
  return readModel({ schema: { id: "x@1", model: "x", title: "X", sections, fields, rules, registries: {} }, tables });
}

const answers = (values: Record<string, string>) =>
  new Map<string, Stored>(Object.entries(values).map(([key, value]) => [key, { value, source: "person" }]));

describe("a schema of a later version", () => {
  it("has types that nobody knows here: they are text, and the server judges", () => {
    const later = model([field("iban", { type: { kind: "iban", country: "IT" } })]);
    const [iban] = later.fields;
    expect(iban?.type).toEqual({ kind: "unknown" });
    for (const typed of ["IT60 X054 2811", "<b>", "0"]) {
      expect(iban && checkField(later, iban, typed, TODAY)).toEqual({ value: typed });
    }
    expect(iban && checkField(later, iban, " ", TODAY)).toEqual({ value: null });
  });

  it("has characters of a set that nobody knows here: only the length is looked at", () => {
    const later = model([field("motto", { type: { kind: "text", min: 2, max: 3, charset: "runes" } })]);
    const [motto] = later.fields;
    expect(motto && checkField(later, motto, "ᚠ<", TODAY)).toEqual({ value: "ᚠ<" });
    expect(motto && checkField(later, motto, "ᚠ", TODAY)).toMatchObject({ code: "too-short" });
  });

  it("has a condition that nobody knows here: the field is asked and not required, the rule is the server's", () => {
    const unknown = { field: "one", longer_than: 3 };
    const later = model(
      [
        field("one"),
        field("two", { visible: unknown }),
        field("three", { required: { when: { any: [{ field: "one", present: true }, unknown] } } }),
      ],
      [{ code: "r", field: "one", message: "No.", when: { not: unknown }, check: { kind: "differ", one: "one", other: "two" } }],
    );
    const { view, mistakes, sections } = completeness(later, answers({ one: "a", two: "a" }), TODAY);
    expect(view.isAsked("two")).toBe(true);
    expect(sections[0]?.missing).toEqual([]);
    expect(mistakes).toEqual([]);
  });

  it("has a check that nobody knows here: it is the server's", () => {
    const later = model([field("one")], [{ code: "r", field: "one", message: "No.", check: { kind: "moon-phase", field: "one" } }]);
    expect(completeness(later, answers({ one: "a" }), TODAY).mistakes).toEqual([]);
  });
});

describe("a form", () => {
  it("of another shape is refused with the place", () => {
    expect(() => readModel({ schema: { id: "x@1" } })).toThrow(ShapeError);
    expect(() => readModel("<html>")).toThrow("another shape than expected: model");
    expect(() => model([{ key: "one", section: "s", label: 7, type: { kind: "text" }, source: "hand" }])).toThrow(ShapeError);
  });

  it("whose rule looks into a table that is not served leaves it to the server", () => {
    const served = servedModels.get("b2020@1");
    const { "social-allowance": _, ...tables } = served?.tables ?? {};
    const poor = answers({ contract_starts_on: "2026-12-31" });
    const paid = new Map([...poor, ["contract_monthly_pay", { value: 1, source: "person" }]]);
    const codes = (model: ReturnType<typeof readModel>) => completeness(model, paid, TODAY).mistakes.map(({ code }) => code);
    expect(codes(realModel("b2020@1"))).toContain("pay-floor");
    expect(codes(readModel({ schema: served?.schema, tables }))).not.toContain("pay-floor");
  });

  it("keeps the value of a field that is hidden, and shows it again", () => {
    const b2020 = realModel("b2020@1");
    const refugee = answers({ request_country_group: "refugee", worker_protection: "refugee" });
    const other = new Map(refugee).set("request_country_group", { value: "cooperation", source: "person" });
    expect(completeness(b2020, other, TODAY).view.value("worker_protection")).toBeUndefined();
    expect(other.get("worker_protection")?.value).toBe("refugee");
    expect(completeness(b2020, refugee, TODAY).view.value("worker_protection")).toBe("refugee");
  });
});

it("half a character, which no JSON can carry, is shown as one that is not there", () => {
  const free = model([field("note", { type: { kind: "text", min: 1, max: 9, charset: "free" } })]);
  const [note] = free.fields;
  expect(note && checkField(free, note, "a\ud83d", TODAY)).toEqual({ value: "a\ufffd" });
});

it("where no registry is responsible, a person has to act", () => {
  const sections = [{ key: "s", title: "S", help: "" }];
  const registries = { inps: { when: { field: "one", equals: "yes" } } };
  const fields = [field("one"), field("position", { source: "registry:inps", mode: "later" })];
  const owed = readModel({ schema: { id: "x@1", model: "x", title: "X", sections, fields, registries }, tables: {} });
  const who = (values: Record<string, string>) => completeness(owed, answers(values), TODAY).sections[0]?.missing.at(-1)?.who;
  expect(who({ one: "yes" })).toBe("registry:inps");
  expect(who({ one: "no" })).toBe("person");
});
