import { describe, expect, it } from "vitest";
import { boxesOf, isBlank, isoOf, monthOf, pasted, unfinished } from "./typed-date";

describe("typed dates", () => {
  it("take figures and names of months", () => {
    for (const month of ["5", "05", "mag", "Maggio", "MAG."]) expect(isoOf({ day: "1", month, year: "1990" })).toBe("1990-05-01");
    expect(monthOf("g")).toBeNull();
    expect(monthOf("13")).toBeNull();
  });
  it("that are not finished come back box by box", () => {
    for (const boxes of [{ day: "31", month: "feb", year: "" }, { day: "", month: "", year: "19" }, { day: "31", month: "2", year: "2026" }]) {
      expect(boxesOf(unfinished(boxes))).toEqual(boxes);
    }
    expect(boxesOf(unfinished({ day: "1/5", month: "", year: "" }))).toEqual({ day: "1 5", month: "", year: "" });
    expect(isBlank(boxesOf("1990"))).toBe(true);
  });
  it("refuse days that do not exist", () => {
    expect(isoOf({ day: "30", month: "2", year: "2026" })).toBeNull();
    expect(isoOf({ day: "29", month: "2", year: "2026" })).toBeNull();
    expect(isoOf({ day: "29", month: "2", year: "2024" })).toBe("2024-02-29");
    expect(isoOf({ day: "1", month: "1", year: "26" })).toBeNull();
    expect(isoOf({ day: "", month: "1", year: "2026" })).toBeNull();
  });
  it("are recognised when a whole one is pasted", () => {
    for (const text of ["01/05/1990", "1-5-1990", "1.5.1990", "1990-05-01", " 1º maggio 1990 ", "1 mag 1990"]) {
      const boxes = pasted(text);
      expect(boxes && isoOf(boxes)).toBe("1990-05-01");
    }
    expect(pasted("ieri")).toBeNull();
  });
  it("go back into their boxes", () => {
    expect(boxesOf("1990-05-01")).toEqual({ day: "01", month: "05", year: "1990" });
    expect(isBlank(boxesOf("presto"))).toBe(true);
  });
});
