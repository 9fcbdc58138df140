import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readForm } from "./models";

const document = (model: string) => readFileSync(new URL(`../../docs/forms/${model}.md`, import.meta.url), "utf8");

describe("the questions of a model", () => {
  it("are all those that its document counts, and nothing else", () => {
    for (const model of ["a-bis", "b2020", "c-stag-agricoltura", "c-stag-turismo"]) {
      const text = document(model);
      const [, all, , registries] = /Fields: (\d+) \((\d+) typed by hand, (\d+) from registries/.exec(text) ?? [];
      const { sections, schema } = readForm(text);
      const fields = sections.flatMap((section) => section.fields);
      expect(schema).toBe(`${model}@1`);
      expect(fields).toHaveLength(Number(all));
      expect(fields.filter((field) => field.from === "registry")).toHaveLength(Number(registries));
      expect(fields.every((field) => field.label !== "")).toBe(true);
    }
  });
  it("name their registries as people do", () => {
    const fields = readForm(document("a-bis")).sections.flatMap((section) => section.fields);
    const name = fields.find((field) => field.label === "Datore di lavoro");
    expect(name?.registries).toEqual(["Registro delle Imprese", "Agenzia delle Entrate"]);
    expect(fields.find((field) => field.label === "Matricola INPS")?.isLater).toBe(true);
  });
});
