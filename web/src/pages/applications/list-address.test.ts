import { describe, expect, it } from "vitest";
import { filtersOf, queryOf, searchOf } from "./list-address";

describe("the address of a list", () => {
  it("is read and written alike", () => {
    const query = "?stato=to-send&modello=df-2026%2Fb2020&dal=2026-01-01&dopo=abc&pagina=2";
    const filters = filtersOf(query);
    expect(filters).toEqual({ state: "to-send", model: "df-2026/b2020", from: "2026-01-01", until: null, cursor: "abc", page: 2 });
    expect(queryOf(filters)).toBe(query);
    expect(searchOf(filters, 100)).toEqual({ limit: 100, state: "to-send", campaign: "df-2026", model: "b2020", created_from: "2026-01-01", cursor: "abc" });
  });
  it("forgets what is no filter", () => {
    expect(filtersOf("?dal=ieri&pagina=-3")).toEqual({ state: null, model: null, from: null, until: null, cursor: null, page: 1 });
    expect(queryOf({ state: "to-send", page: 3 })).toBe("?stato=to-send");
  });
});
