import { describe, expect, it } from "vitest";
import type { Model } from "../facts/facts";
import { readList } from "./list";
import { Problem } from "../api/problem";
import type { ApplicationList, ApplicationView } from "../api/generated";
import { quietAround, sendingStanding } from "./moments";
import { due, plansFor } from "./plans";

const OPENING = Date.parse("2026-01-12T09:00:00+01:00");
const MINUTE = 60_000;

describe("before an opening", () => {
  it("each deed has its stretch: list T−10…T−5, session 08:50–08:57, clock at T−10", () => {
    for (const dice of [0, 0.5, 0.9999]) {
      const plans = plansFor(OPENING, OPENING - 60 * MINUTE, () => dice);
      const at = Object.fromEntries(plans.map((plan) => [plan.deed, (plan.at - OPENING) / MINUTE]));
      expect(at["read-list"]).toBeGreaterThanOrEqual(-10);
      expect(at["read-list"]).toBeLessThan(-5);
      expect(at["renew-session"]).toBeGreaterThanOrEqual(-10);
      expect(at["renew-session"]).toBeLessThan(-3);
      expect(at["compare-clock"]).toBeGreaterThanOrEqual(-10);
      expect(at["compare-clock"]).toBeLessThan(-9);
    }
  });
  it("nothing of it happens from T−3 min on, nor twice", () => {
    expect(plansFor(OPENING, OPENING - 3 * MINUTE, () => 0)).toEqual([]);
    const plans = plansFor(OPENING, OPENING - 20 * MINUTE, () => 0.1);
    const first = due(plans, OPENING - 9 * MINUTE - 5000);
    expect(first.deeds.sort()).toEqual(["compare-clock", "read-list", "renew-session"]);
    expect(first.left).toEqual([]);
  });
  it("a page that slept through it does not catch up with everybody else at T−1 min", () => {
    const plans = plansFor(OPENING, OPENING - 20 * MINUTE, () => 0.1);
    expect(due(plans, OPENING - MINUTE)).toEqual({ deeds: [], left: [] });
  });
  it("who comes at T−6 min still renews and reads at an instant of their own", () => {
    const plans = plansFor(OPENING, OPENING - 6 * MINUTE, () => 0.5);
    expect(plans.map(({ deed }) => deed)).toEqual(["renew-session", "read-list"]);
    for (const { at } of plans) expect(at).toBeGreaterThan(OPENING - 6 * MINUTE);
  });
});

describe("the opening of a model", () => {
  const model = (off_quota: Model["off_quota"]) =>
    ({ submit: [{ from: "2026-01-12T09:00:00+01:00", until: "2026-12-31T23:00:00+01:00" }], off_quota }) as Model;
  it("is the next window of sending", () => {
    expect(sendingStanding(model(null), OPENING - 1)).toEqual({ state: "opens", at: "2026-01-12T09:00:00+01:00" });
    expect(sendingStanding(model(null), OPENING).state).toBe("open");
  });
  it("is quiet for sessions from ten minutes before until five after", () => {
    const at = (minutes: number) => quietAround(model(null), OPENING + minutes * MINUTE);
    expect([at(-10.1), at(5)]).toEqual([null, null]);
    for (const minutes of [-10, -2, 0, 4.9]) expect(at(minutes)).toEqual({ from: OPENING - 10 * MINUTE, until: OPENING + 5 * MINUTE });
  });
  it("is always, outside quotas", () => {
    expect(sendingStanding(model({ from: "2026-01-01T00:00:00+01:00", until: null }), OPENING - 1).state).toBe("open");
  });
});

describe("the list", () => {
  const row = (id: string, action: string) => ({ id, worker: `W ${id}`, employer: null, allowed: [{ action, label: "" }] }) as unknown as ApplicationView;
  const page = (rows: ApplicationView[], next: string | null): ApplicationList => ({ applications: rows, next });

  it("is read page by page, each application once, only those that may be sent", async () => {
    const asked: (string | null)[] = [];
    const found = await readList({
      pause: async () => undefined,
      search: async (cursor) => {
        asked.push(cursor);
        return cursor === null ? page([row("a", "submit"), row("b", "read-form")], "2") : page([row("a", "submit"), row("c", "submit")], null);
      },
    });
    expect(asked).toEqual([null, "2"]);
    expect(found.map(({ id }) => id)).toEqual(["a", "c"]);
  });
  it("is asked for again three times when nobody answers, and not when it is refused", async () => {
    const paused: number[] = [];
    let left = 3;
    const found = await readList({
      pause: async (ms) => void paused.push(ms),
      search: async () => {
        left -= 1;
        if (left >= 0) throw Problem.network();
        return page([row("a", "submit")], null);
      },
    });
    expect(found).toHaveLength(1);
    expect(paused).toEqual([400, 1200, 3000]);
    const refused = Problem.of(403, { type: "/problemi/x", title: "", detail: "" }, new Headers());
    await expect(readList({ pause: async () => undefined, search: async () => Promise.reject(refused) })).rejects.toBe(refused);
  });
});
