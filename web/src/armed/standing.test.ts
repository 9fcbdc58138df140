import { describe, expect, it } from "vitest";
import type { Campaign, Model, Window } from "../facts/facts";
import { armingStanding, canBeArmed, receiptsAt } from "./standing";

const at = (text: string) => Date.parse(`${text}+01:00`);
const window = (from: string, until: string | null): Window => ({ from: `${from}+01:00`, until: until && `${until}+01:00` });
const model = (submit: Window[], off_quota: Window | null = null) => ({ submit, off_quota }) as Model;

const agriculture = model([window("2026-01-12T09:00:00.000", "2026-01-12T18:00:00.000"), window("2026-03-12T09:00:00.000", "2026-03-12T18:00:00.000")]);

describe("arming", () => {
  it("is possible one millisecond before the opening, and not at it", () => {
    expect(armingStanding(agriculture, at("2026-01-12T08:59:59.999"))).toEqual({ state: "before", opensAt: "2026-01-12T09:00:00.000+01:00" });
    expect(armingStanding(agriculture, at("2026-01-12T09:00:00.000"))).toEqual({ state: "opened", openedAt: "2026-01-12T09:00:00.000+01:00" });
  });
  it("is for the next opening, and for none after the last", () => {
    expect(armingStanding(agriculture, at("2026-01-12T18:00:00.000"))).toEqual({ state: "before", opensAt: "2026-03-12T09:00:00.000+01:00" });
    expect(armingStanding(agriculture, at("2026-03-12T18:00:00.000"))).toEqual({ state: "none" });
  });
  it("waits for the opening of a model off quota, too, and for nothing once it is open", () => {
    const family = model([], window("2026-02-01T00:00:00.000", null));
    expect(armingStanding(family, at("2026-01-31T23:59:59.999"))).toEqual({ state: "before", opensAt: "2026-02-01T00:00:00.000+01:00" });
    expect(armingStanding(family, at("2026-02-01T00:00:00.000")).state).toBe("opened");
  });
  it("is offered only where the calendar says so, and not by a calendar from before", () => {
    expect(canBeArmed({ order: "armed" } as Campaign)).toBe(true);
    expect(canBeArmed({ order: "chronological" } as Campaign)).toBe(false);
    expect(canBeArmed({} as Campaign)).toBe(false);
    expect(canBeArmed(null)).toBe(false);
  });
});

describe("receipts", () => {
  const opening = "2026-01-12T09:00:00.000+01:00";
  it("are asked for between two and seven minutes after the opening, whatever is drawn", () => {
    const now = at("2026-01-12T08:00:00.000");
    expect(receiptsAt(opening, now, 0)).toBe(at("2026-01-12T09:02:00.000"));
    expect(receiptsAt(opening, now, 0.5)).toBe(at("2026-01-12T09:04:30.000"));
    expect(receiptsAt(opening, now, 0.999_999)).toBeLessThan(at("2026-01-12T09:07:00.000"));
  });
  it("are asked for in what is left of that time by who comes in the middle, and are read at once after it", () => {
    expect(receiptsAt(opening, at("2026-01-12T09:05:00.000"), 0.5)).toBe(at("2026-01-12T09:06:00.000"));
    expect(receiptsAt(opening, at("2026-01-12T09:07:00.000"), 0.5)).toBeNull();
  });
});
