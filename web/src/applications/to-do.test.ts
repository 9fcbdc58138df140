import { describe, expect, it } from "vitest";
import type { ApplicationView } from "../api/generated";
import { byDeadline, deadlineOf, openByNumber, statesWithTerms, tasks, waitingForOthers } from "./to-do";

const application = (changes: Partial<ApplicationView>): ApplicationView => ({
  id: "app_1", campaign: "df", model: "b2020", schema: "b2020@1", state: "to-complete", state_label: "Da completare",
  missing: [], waiting_for: [], allowed: [{ action: "verify-code", label: "Verifica codice" }], version: 1, created: "", changed: "", ...changes,
});
const term = (ends_at: string, who_acts: string) => ({ kind: "k", label: "l", starts_at: "", ends_at, ends_in_words: "", ms_left: 1, who_acts });

describe("what is to be done", () => {
  it("comes by deadline, whatever offset it is written with; what does not press comes last", () => {
    const found = tasks([
      application({ id: "none" }),
      application({ id: "late", term: term("2026-02-01T10:00:00+01:00", "applicant") }),
      application({ id: "code", state: "to-validate", activation: { sent: true, expires_at: "2026-02-01T08:30:00Z" } }),
    ]);
    expect(found.map((task) => task.application.id)).toEqual(["code", "late", "none"]);
    expect(byDeadline([{ until: null }, { until: 2 }, { until: 1 }])).toEqual([{ until: 1 }, { until: 2 }, { until: null }]);
  });
  it("is no deadline of ours where the office acts", () => {
    expect(deadlineOf(application({ term: term("2026-02-01T10:00:00+01:00", "office") }))).toBeNull();
    expect(tasks([application({ state: "in-review", term: term("2026-02-01T10:00:00+01:00", "office") })])).toEqual([]);
  });
  it("is a term of the applicant's, also where its page is still to come, but not how long a permit is valid or a renunciation can be undone", () => {
    const answer = { term: term("2026-02-01T10:00:00+01:00", "applicant"), allowed: [] };
    const found = tasks([application({ id: "asked", state: "integration-requested", ...answer }), application({ id: "valid", state: "granted", ...answer }), application({ id: "renounced", state: "renouncing", ...answer })]);
    expect(found.map((task) => task.application.id)).toEqual(["asked"]);
  });
  it("is told by number where there are many", () => {
    const counts = { "to-complete": 300, "in-review": 2, "awaiting-confirmation": 1, archived: 9, "to-send": 0 };
    expect(openByNumber(counts)).toEqual([{ state: "to-complete", number: 300 }]);
    expect(openByNumber({ "to-validate": 1, "to-complete": 2 }, [{ state: "to-validate" }])).toEqual([{ state: "to-complete", number: 2 }]);
    expect(waitingForOthers(counts)).toEqual([{ state: "in-review", number: 2 }]);
    expect(statesWithTerms(counts)).toEqual(["awaiting-confirmation"]);
  });
});
