import { describe, expect, it } from "vitest";
import { Problem } from "../api/problem";
import { replyOf, replyOfProblem } from "./reply";

const refused = (status: number, extra: object = {}) =>
  Problem.of(status, { type: "/problemi/prova", title: "t", detail: "d", request_id: "r", ...extra }, new Headers());

describe("answers of the API", () => {
  it("503 holds a ticket for each, or the one of a single application, with its end", () => {
    const until = "2026-01-12T09:02:00+01:00";
    expect(replyOfProblem(refused(503, { arrival: "x", arrival_tickets: { a: "1", b: "2" }, ticket_until: until }), ["a", "b"])).toEqual({
      kind: "tickets", arrival: "x", until: Date.parse(until), tickets: new Map([["a", "1"], ["b", "2"]]),
    });
    expect(replyOfProblem(refused(503, { arrival_ticket: "1" }), ["a"])).toMatchObject({ tickets: new Map([["a", "1"]]), until: null });
    expect(replyOfProblem(refused(503), ["a"])).toEqual({ kind: "no-arrival" });
  });
  it("422 names the tickets and the applications that are not good", () => {
    const errors = [
      { field: "arrival_tickets.a", code: "non-valido", message: "m" },
      { field: "applications[1]", code: "non-valido", message: "così no" },
    ];
    const reply = replyOfProblem(refused(422, { errors }), ["a", "b"]);
    expect(reply).toMatchObject({ kind: "not-good", tickets: ["a"] });
    expect(reply.kind === "not-good" && reply.applications.get("b")?.detail).toBe("così no");
  });
  it("that nobody gave count as no arrival; those nobody understands as broken", () => {
    expect(replyOfProblem(Problem.network(), ["a"]).kind).toBe("no-arrival");
    for (const status of [429, 502, 504]) expect(replyOfProblem(refused(status), ["a"]).kind).toBe("no-arrival");
    expect(replyOfProblem(Problem.of(200, null, new Headers()), ["a"]).kind).toBe("broken");
    expect(replyOfProblem(refused(403), ["a"]).kind).toBe("refused");
  });
  it("a batch gives one outcome each, whatever its order", () => {
    const reply = replyOf({
      arrival: "2026-01-12T08:00:00.123Z",
      remaining: 0,
      armed: 0,
      outcomes: [
        { application: "b", outcome: "unavailable", arrival_ticket: "t", problem: { type: "/problemi/servizio-non-disponibile", title: "", detail: "d" } },
        { application: "a", outcome: "sent", receipt: "{}" },
        { application: "c", outcome: "unavailable", problem: { type: "/problemi/errore-interno", title: "", detail: "d" } },
      ],
    });
    expect(reply.kind === "outcomes" && reply.outcomes.map(({ id, receipt, ticket, isBroken }) => [id, receipt, ticket, isBroken])).toEqual([
      ["b", null, "t", false], ["a", "{}", null, false], ["c", null, null, true],
    ]);
  });
});
