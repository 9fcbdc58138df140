import { expect, it } from "vitest";
import { answered, type ServedForm } from "./answers";

const form: ServedForm = {
  schema: {
    sections: [{ key: "worker", title: "Lavoratore" }, { key: "empty", title: "Vuota" }],
    fields: [
      { key: "surname", section: "worker", label: "Cognome", type: { kind: "text" } },
      { key: "born", section: "worker", label: "Nato il", type: { kind: "date" } },
      { key: "pay", section: "worker", label: "Paga", type: { kind: "money" } },
      { key: "sex", section: "worker", label: "Sesso", type: { kind: "choice", options: [{ value: "f", label: "Femmina" }] } },
      { key: "state", section: "worker", label: "Stato", type: { kind: "table-choice", table: "states" } },
      { key: "home", section: "worker", label: "Alloggio", type: { kind: "boolean" } },
      { key: "paper", section: "worker", label: "Documento", type: { kind: "file" } },
      { key: "none", section: "empty", label: "Niente", type: { kind: "text" } },
    ],
  },
  tables: { states: { entries: [{ code: "MA", label: "Marocco" }] } },
};
const value = (held: unknown) => ({ value: held, source: "person", at: "" });

it("reads answers in the words of the form", () => {
  const found = answered(form, { values: { surname: value("El Amrani"), born: value("1990-05-01"), pay: value(123450), sex: value("f"), state: value("MA"), home: value(true), paper: value({ bytes: 341_000, upload: "upl_1" }), none: value(null) } });
  expect(found).toHaveLength(1);
  expect(found[0]?.answers.map((answer) => answer.value)).toEqual(["El Amrani", "1º maggio 1990", "1.234,50 €", "Femmina", "Marocco", "Sì", "Documento caricato, 341 kB"]);
});
