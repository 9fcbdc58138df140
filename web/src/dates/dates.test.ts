import { describe, expect, it } from "vitest";
import * as instant from "./instant";
import { inFigures, inWords, spoken } from "./left";
import { cents, euro } from "./money";

describe("instants", () => {
  it("read the same from any offset", () => {
    const said = "lunedì 12 gennaio 2026, ore 09:00:00 (ora italiana)";
    for (const text of ["2026-01-12T08:00:00Z", "2026-01-12T09:00:00.000+01:00", "2026-01-12T10:00:00+02:00"]) {
      expect(instant.long(text)).toBe(said);
    }
  });
  it("know summer time and its two changes", () => {
    expect(instant.clockTimeWithSeconds("2026-03-29T00:59:59Z")).toBe("01:59:59");
    expect(instant.clockTimeWithSeconds("2026-03-29T01:00:00Z")).toBe("03:00:00");
    expect(instant.clockTime("2026-10-25T00:30:00Z")).toBe("02:30");
    expect(instant.clockTime("2026-10-25T01:30:00Z")).toBe("02:30");
  });
  it("keep milliseconds, cut and not rounded", () => {
    expect(instant.toTheMillisecond("2026-01-12T08:00:00.1239Z")).toContain("ore\u00a009:00:00,123 ");
    expect(instant.toTheMillisecond("2026-01-12T08:00:00Z")).toContain("ore\u00a009:00:00,000 ");
    expect(instant.clockTimeWithMilliseconds("2026-01-12T08:00:00.005Z")).toBe("09:00:00,005");
  });
  it("write the first of a month as the API does", () => {
    expect(instant.day("2026-01-01T00:00:00.000+01:00")).toBe("giovedì 1º gennaio 2026");
    expect(instant.plainDate("1990-05-01")).toBe("1º maggio 1990");
  });
  it("that end at midnight are told by the day that they close, also in a night of a change of the clock, and at the year's end", () => {
    for (const [end, told] of [
      ["2026-01-28T00:00:00.000+01:00", "martedì 27 gennaio 2026, ore 24:00"],
      ["2026-03-30T00:00:00+02:00", "domenica 29 marzo 2026, ore 24:00"],
      ["2026-10-26T00:00:00+01:00", "domenica 25 ottobre 2026, ore 24:00"],
      ["2026-12-31T23:00:00Z", "giovedì 31 dicembre 2026, ore 24:00"],
      ["2026-06-01T22:00:00Z", "lunedì 1º giugno 2026, ore 24:00"],
      ["2028-03-01T00:00:00+01:00", "martedì 29 febbraio 2028, ore 24:00"],
      // Midnight elsewhere, and a millisecond after it, are times like any other.
      ["2027-01-01T00:00:00Z", "venerdì 1º gennaio 2027, ore 01:00"],
      ["2027-01-01T00:00:00.001+01:00", "venerdì 1º gennaio 2027, ore 00:00"],
      ["2025-12-07T20:00:00+01:00", "domenica 7 dicembre 2025, ore 20:00"],
    ] as const) {
      expect(instant.toTheMinute(end, "end")).toBe(told);
    }
    expect(instant.toTheMinute("2027-01-01T00:00:00+01:00")).toBe("venerdì 1º gennaio 2027, ore 00:00");
    expect(instant.long("2027-01-01T00:00:00+01:00", "end")).toBe("giovedì 31 dicembre 2026, ore 24:00:00 (ora italiana)");
    expect(instant.short("2027-01-01T00:00:00+01:00", "end")).toBe("31 dic 2026, 24:00");
  });
  it("show what is no instant as it is", () => {
    expect(instant.long("domani")).toBe("domani");
    expect(instant.toTheMinute("domani", "end")).toBe("domani");
    expect(instant.plainDate("5/1/1990")).toBe("5/1/1990");
  });
});

describe("time left", () => {
  it("is said in its two largest parts", () => {
    expect(inWords(3 * 86400e3 + 4 * 3600e3 + 5e3)).toBe("3 giorni e 4 ore");
    expect(inWords(3600e3 + 60e3)).toBe("1 ora e 1 minuto");
    expect(inWords(1)).toBe("1 secondo");
    expect(inWords(-5)).toBe("0 secondi");
  });
  it("is in figures below a day only", () => {
    expect(inFigures(30 * 3600e3)).toBe("1 giorno e 6 ore");
    expect(inFigures(24 * 3600e3)).toBe("1 giorno");
    expect(inFigures(24 * 3600e3 - 1)).toBe("1 giorno");
    expect(inFigures(24 * 3600e3 - 1000)).toBe("23:59:59");
    expect(inFigures(0)).toBe("00:00:00");
  });
  it("is spoken when a mark is passed, and once", () => {
    expect(spoken(60_500, 59_500)).toBe("Manca 1 minuto");
    expect(spoken(59_500, 58_500)).toBeNull();
    expect(spoken(10_400, 9_400)).toBe("Mancano 10 secondi");
  });
});

describe("money", () => {
  it("reads comma and dot", () => {
    for (const typed of ["1234,56", "1.234,56", "1234.56", "1 234,56 €", "1,234.56"]) expect(cents(typed)).toBe(123456);
    expect(cents("1.234")).toBe(123400);
    expect(cents("12,5")).toBe(1250);
    expect(cents("7")).toBe(700);
  });
  it("refuses what is no amount", () => {
    for (const typed of ["", "-5", "1.23.4", "12,345,6x", "€", ",50"]) expect(cents(typed)).toBeNull();
  });
  it("is shown as Italians write it", () => {
    expect(euro(123456)).toBe("1.234,56 €");
    expect(euro(5)).toBe("0,05 €");
    expect(euro(100000000000)).toBe("1.000.000.000,00 €");
  });
});
