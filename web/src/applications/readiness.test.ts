import { describe, expect, it } from "vitest";
import { heldBackBy, inOrder, whole } from "./readiness";
import type { ReadinessRow, ReadinessView } from "../api/generated";

const row = (id: string, ...obstacles: string[]): ReadinessRow => ({
  id, state: "to-complete", state_label: "Da completare", missing: [], allowed: [],
  blocked_by: obstacles.map((obstacle) => ({ obstacle, who_acts: "person", label: obstacle, since: "", late: false })),
});
const page = (part: number | undefined, ready: number, rows: ReadinessRow[], blocked: number): ReadinessView => ({
  totals: { applications: 10, ready, sendable: ready, armed: 0, disarmable: 0, sent: 1, blocked_by: [{ obstacle: "missing", who_acts: "person", label: "Mancano", applications: blocked }] },
  rows, next: null, ...(part === undefined ? {} : { part }),
});

describe("readiness", () => {
  it("counts each part once, however many pages it has", () => {
    const all = whole([page(1, 3, [row("a")], 2), page(1, 3, [row("b")], 2), page(2, 4, [row("c")], 5)]);
    expect(all.totals).toMatchObject({ applications: 20, ready: 7, sendable: 7, sent: 2 });
    expect(all.totals.blocked_by).toEqual([{ obstacle: "missing", who_acts: "person", label: "Mancano", applications: 7 }]);
    expect(all.rows.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });
  it("is that of the one part where there is one", () => {
    expect(whole([page(undefined, 3, [], 2), page(undefined, 3, [], 2)]).totals.ready).toBe(3);
    expect(whole([]).totals.applications).toBe(0);
  });
  it("adds up what is armed", () => {
    const counted = { ...page(1, 3, [], 2), totals: { ...page(1, 3, [], 2).totals, armed: 2 } };
    expect(whole([counted, page(2, 4, [], 5)]).totals.armed).toBe(2);
  });
  it("names first what persons can do", () => {
    const one = (obstacle: string, who_acts: string, applications: number) => ({ obstacle, who_acts, label: obstacle, applications });
    const found = inOrder([one("x", "martian", 9), one("r", "registry", 9), one("p", "person", 1), one("q", "person", 3)]);
    expect(found.map(({ obstacle }) => obstacle)).toEqual(["q", "p", "r", "x"]);
  });
  it("filters by obstacle", () => {
    expect(heldBackBy([row("a", "x"), row("b", "y")], "y").map(({ id }) => id)).toEqual(["b"]);
    expect(heldBackBy([row("a", "x")], null)).toHaveLength(1);
  });
});
