import { describe, expect, it } from "vitest";
import type { Campaign, Model } from "./facts";
import { contains, shown, standing } from "./calendar";

const window = { from: "2026-01-12T09:00:00.000+01:00", until: "2026-01-12T20:00:00.000+01:00" };
const opening = Date.parse("2026-01-12T08:00:00Z");
const end = Date.parse("2026-01-12T19:00:00Z");

const model = (submit: Model["submit"]): Model => ({
  id: "m", label: "M", source: "", menu: [], can_be_filled_in: true, click_day: null, click_day_in_words: null,
  off_quota: null, start: [], edit: [], submit, read_closed: [],
});
const campaign = (id: string, more: Partial<Campaign>): Campaign => ({
  campaign: id, version: 1, year: 2026, title: id, law: "", clock_offset_ms: 0, private_limit: 3, privacy: null,
  models: [model([window])], quotas: [], ...more,
});

describe("windows", () => {
  it("hold their beginning and not their end", () => {
    expect([opening - 1, opening, end - 1, end].map((now) => contains(window, now))).toEqual([false, true, true, false]);
  });
  it("say what comes next", () => {
    expect(standing([window], opening - 1)).toEqual({ state: "opens", at: window.from });
    expect(standing([window], opening)).toEqual({ state: "open", until: window.until });
    expect(standing([window], end)).toEqual({ state: "over", since: window.until });
    expect(standing([], end)).toEqual({ state: "over", since: null });
  });
});

describe("the campaigns that are shown", () => {
  it("are the marked ones", () => {
    const all = [campaign("a", { current: false }), campaign("b", { current: true })];
    expect(shown(all, opening).map((one) => one.campaign)).toEqual(["b"]);
    expect(shown([campaign("a", { current: false })], opening)).toEqual([]);
  });
  it("are those with a window to come where none is marked", () => {
    expect(shown([campaign("a", {}), campaign("b", { year: 2027 })], opening).map((one) => one.campaign)).toEqual(["b", "a"]);
    expect(shown([campaign("a", {})], end)).toEqual([]);
  });
});
