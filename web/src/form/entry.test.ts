import { describe, expect, it } from "vitest";
import { controlText, shownValue, typedValue } from "./entry";
import { checkField } from "./field-check";
import type { Value } from "./schema";
import { drafts, realField, realModel } from "./shared-fixtures";

const model = realModel("b2020@1");
const field = (key: string) => realField(model, key);
const verdict = (key: string, text: string) => checkField(model, field(key), typedValue(field(key).type, text), drafts.today);

describe("what is typed", () => {
  it("into an amount is cents, with comma or dot", () => {
    for (const text of ["1250,50", "1.250,50", "1250.5", "1 250,50 €"]) {
      expect(verdict("contract_monthly_pay", text), text).toEqual({ value: 125_050 });
    }
  });

  it("into an amount and cannot be read stays what it is, with what to do", () => {
    expect(typedValue(field("contract_monthly_pay").type, "mille")).toBe("mille");
    expect(verdict("contract_monthly_pay", "mille")).toEqual({
      code: "wrong-type", message: "Scrivi un importo in euro e centesimi.",
    });
    expect(controlText(field("contract_monthly_pay").type, "mille")).toBe("mille");
  });

  it("into a number is a whole one, or stays what it is", () => {
    expect(typedValue(field("contract_weekly_hours").type, " 40 ")).toBe(40);
    for (const text of ["40,5", "4e1", "quaranta", "٤٠", "1".repeat(16)]) {
      expect(verdict("contract_weekly_hours", text), text).toMatchObject({ code: "wrong-type" });
    }
  });

  it("and is only white space clears the field", () => {
    for (const key of ["contract_weekly_hours", "contract_monthly_pay", "worker_surname"]) {
      expect(typedValue(field(key).type, " \u00a0 ")).toBeNull();
    }
  });

  it("comes back into its control as it was saved", () => {
    expect(controlText(field("contract_monthly_pay").type, 125_050)).toBe("1.250,50");
    expect(controlText(field("contract_weekly_hours").type, 40)).toBe("40");
    expect(controlText(field("worker_surname").type, null)).toBe("");
  });
});

describe("what is read", () => {
  it.each<[string, Value, string]>([
    ["contract_monthly_pay", 125_050, "1.250,50 €"],
    ["worker_birth_date", "1990-05-01", "1º maggio 1990"],
    ["worker_citizenship", "MAR", "Marocco"],
    ["worker_citizenship", "???", "???"],
    ["request_country_group", "refugee", "Apolide o rifugiato riconosciuto (art. 6, comma 3, lettera b)"],
    ["contract_driver", false, "No"],
    ["worker_surname", null, "Nessuna risposta"],
    ["worker_surname", "<script>", "<script>"],
  ])("%s %s", (key, value, shown) => {
    expect(shownValue(model, field(key), value)).toBe(shown);
  });
});
