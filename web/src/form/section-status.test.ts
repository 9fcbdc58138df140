import { describe, expect, it } from "vitest";
import type { Answers, Stored } from "./completeness";
import { completeness } from "./completeness";
import type { Model } from "./schema";
import { firstGap, sectionStatus, statusLabel } from "./section-status";
import { answersOf, drafts, realModel } from "./shared-fixtures";

const model = realModel("c-stag-agricoltura@1");
const base = drafts.models["c-stag-agricoltura@1"]?.base ?? {};
const whole = answersOf(model, base, { name: "", verdict: { fields: "", percent: 0 } });

function label(model: Model, key: string, answers: Answers, refused: string[] = []): string {
  const section = model.sections.find((each) => each.key === key);
  if (!section) throw new Error(`no section ${key}`);
  return statusLabel(sectionStatus(model, section, answers, completeness(model, answers, drafts.today), new Set(refused)));
}

const without = (...keys: string[]) => new Map(Array.from(whole).filter(([key]) => !keys.includes(key)));
const set = (key: string, stored: Stored) => new Map(whole).set(key, stored);

describe("a section", () => {
  it("in which nothing is missing is complete", () => {
    expect(label(model, "worker", whole)).toBe("Completa");
  });

  it("in which a person has written nothing is not begun", () => {
    expect(label(model, "worker", new Map())).toBe("Non iniziata");
  });

  it("lacks as many answers as a person still owes", () => {
    expect(label(model, "worker", without("worker_surname"))).toBe("Manca 1 risposta");
    expect(label(model, "worker", without("worker_surname", "worker_name"))).toBe("Mancano 2 risposte");
  });

  it("waits for registries once nothing but their answers is missing, each by its name", () => {
    const fromInps = model.fields.filter((field) => field.source.kind === "registry" && field.source.registries.includes("inps"));
    expect(fromInps.length).toBeGreaterThan(0);
    const key = fromInps[0]?.section ?? "";
    const answers = without(...fromInps.map((field) => field.key));
    expect(label(model, key, answers)).toBe("Attendiamo: INPS");
  });

  it("has something to correct before anything else is said", () => {
    expect(label(model, "worker", without("worker_surname"), ["worker_name"])).toBe("Da correggere");
    expect(label(model, "worker", set("worker_birth_date", { value: "2030-01-01", source: "person" }))).toBe("Da correggere");
  });

  it("shows a registry that has no name here by its own", () => {
    expect(statusLabel({ kind: "awaiting", whom: ["catasto", "portal"] })).toBe("Attendiamo: catasto, portale");
  });
});

describe("«Continua»", () => {
  it("leads to the first gap of a person in the order of the sections", () => {
    const gap = (answers: Answers, refused: string[] = []) =>
      firstGap(model, completeness(model, answers, drafts.today), new Set(refused));
    expect(gap(whole)).toBeUndefined();
    expect(gap(without("worker_name", "housing_title"))).toBe("worker_name");
    expect(gap(without("worker_name"), ["contact_email"])).toBe("contact_email");
  });
});
