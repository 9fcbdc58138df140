import { describe, expect, it } from "vitest";
import { emptyWizard, questions, requestOf, unanswered, type Wizard } from "./wizard";

const typed = (changes: Partial<Wizard>): Wizard => ({ ...emptyWizard(), campaign: "df-2026", model: "a-bis", privacyVersion: "2025-10-23", ...changes });

describe("the preliminary checks", () => {
  it("ask a natural person nothing about a company", () => {
    const wizard = typed({ kind: "natural", register: "yes", company: "12345678901" });
    expect(questions(wizard, { kind: true, applicant: false })).toEqual(["kind"]);
    expect(requestOf(wizard, { kind: true, applicant: false })).toEqual({
      campaign: "df-2026", model: "a-bis", privacy_ack: true, privacy_version: "2025-10-23", applicant_kind: "natural",
    });
  });
  it("ask a company about the register, and an operator for whom", () => {
    const wizard = typed({ register: "no", company: " 12345678901 ", applicant: "RSSMRA80A01H501U" });
    expect(questions(wizard, { kind: false, applicant: true })).toEqual(["register", "applicant", "company"]);
    expect(requestOf(wizard, { kind: false, applicant: true })).toMatchObject({ ri_registered: false, applicant_fiscal_code: "RSSMRA80A01H501U", company_fiscal_code: "12345678901" });
  });
  it("say what is not answered", () => {
    expect(unanswered(typed({}), { kind: true, applicant: false })).toEqual(["kind"]);
    expect(unanswered(typed({ kind: "legal" }), { kind: true, applicant: false })).toEqual(["register", "company"]);
  });
  it("get a key of their own each time they begin", () => {
    expect(emptyWizard().key).not.toBe(emptyWizard().key);
  });
});
