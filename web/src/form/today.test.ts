import { expect, it } from "vitest";
import { romeDay } from "./today";

it("the day is that of Rome, in winter and in summer, wherever the reader is", () => {
  expect(romeDay(Date.parse("2026-11-28T22:59:59Z"))).toBe("2026-11-28");
  expect(romeDay(Date.parse("2026-11-28T23:00:00Z"))).toBe("2026-11-29");
  expect(romeDay(Date.parse("2026-07-01T21:59:59Z"))).toBe("2026-07-01");
  expect(romeDay(Date.parse("2026-07-01T22:00:00Z"))).toBe("2026-07-02");
});
