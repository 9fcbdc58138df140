import { describe, expect, it } from "vitest";
import { endNear, isRefreshDue, type SessionClock } from "./session-clock";

const MINUTE = 60_000;
const nine = Date.parse("2026-01-12T09:00:00+01:00");
const clock = (changes: Partial<SessionClock>): SessionClock => ({
  now: 0,
  refreshedAt: 0,
  usedAt: 1,
  expiresAt: 10 * MINUTE,
  restsUntil: 120 * MINUTE,
  endsAt: 720 * MINUTE,
  openings: [],
  share: 0.5,
  ...changes,
});

describe("the session", () => {
  it("is refreshed at eight of ten minutes, in use alone", () => {
    expect(isRefreshDue(clock({ now: 8 * MINUTE - 1 }))).toBe(false);
    expect(isRefreshDue(clock({ now: 8 * MINUTE }))).toBe(true);
    expect(isRefreshDue(clock({ now: 8 * MINUTE, usedAt: 0 }))).toBe(false);
    expect(isRefreshDue(clock({ now: 121 * MINUTE }))).toBe(false);
  });
  it("is refreshed once before an opening, at this browser's share of 08:50 to 08:57, and not around it", () => {
    const at = (now: number, refreshedAt = nine - 20 * MINUTE) =>
      isRefreshDue(clock({ now, refreshedAt, usedAt: now, expiresAt: refreshedAt + 10 * MINUTE, restsUntil: nine + 60 * MINUTE, endsAt: nine + 600 * MINUTE, openings: [nine] }));
    expect(at(nine - 9 * MINUTE)).toBe(false);
    expect(at(nine - 6 * MINUTE)).toBe(true);
    expect(at(nine - 6 * MINUTE, nine - 6.2 * MINUTE)).toBe(false);
    expect(at(nine - 2 * MINUTE)).toBe(false);
    expect(at(nine + 4 * MINUTE)).toBe(false);
    expect(at(nine + 5 * MINUTE)).toBe(true);
  });
  it("warns five minutes before each end", () => {
    expect(endNear(clock({ now: 115 * MINUTE - 1 }))).toBeNull();
    expect(endNear(clock({ now: 115 * MINUTE }))).toBe("rest");
    expect(endNear(clock({ now: 715 * MINUTE, restsUntil: 800 * MINUTE }))).toBe("end");
    expect(endNear(clock({ now: 716 * MINUTE, restsUntil: 717 * MINUTE }))).toBe("end");
    expect(endNear(clock({ now: 120 * MINUTE }))).toBe("over");
  });
});
