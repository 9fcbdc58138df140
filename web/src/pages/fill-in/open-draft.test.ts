import { describe, expect, it } from "vitest";
import { Problem } from "../../api/problem";
import { outcomeOf } from "./open-draft";

const refusal = (status: number, more: object = {}, headers: Record<string, string> = {}) =>
  Problem.of(status, { type: "https://x/y", title: "T", status, detail: "Perché.", request_id: "r", ...more }, new Headers(headers));

describe("what the API answers to a save", () => {
  it("and passes by itself is tried again, as late as the API says", () => {
    expect(outcomeOf(Problem.network()).kind).toBe("failed");
    for (const status of [429, 502, 503, 504]) {
      expect(outcomeOf(refusal(status, {}, { "retry-after": "7" }))).toEqual({ kind: "failed", cause: "Perché.", retryAfterMs: 7000 });
    }
  });

  it("and names fields is about these fields", () => {
    const errors = [{ field: "worker_name", code: "too-long", message: "Accorcia." }];
    expect(outcomeOf(refusal(422, { errors }))).toEqual({ kind: "refused", errors });
    const conflicts = [{ field: "worker_name", yours: "A", theirs: 7, base: null }];
    expect(outcomeOf(refusal(409, { conflicts }))).toEqual({ kind: "conflict", conflicts });
    const told = [{ ...conflicts[0], by: "colleague", at: "2026-11-28T12:30:00.000+01:00" }];
    expect(outcomeOf(refusal(409, { conflicts: told }))).toEqual({ kind: "conflict", conflicts: told });
    const unknown = [{ ...conflicts[0], by: "somebody-new" }];
    expect(outcomeOf(refusal(409, { conflicts: unknown }))).toEqual({ kind: "conflict", conflicts });
  });

  it("and would not change by itself stops, with what to do", () => {
    for (const [status, more] of [[401, {}], [403, {}], [404, {}], [409, {}], [409, { conflicts: "no list" }], [413, {}], [422, {}]] as const) {
      expect(outcomeOf(refusal(status, more)), String(status)).toEqual({ kind: "stopped", cause: "Perché." });
    }
  });
});
