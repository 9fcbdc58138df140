import { describe, expect, it } from "vitest";
import type { Wait } from "./late-values";
import { LateValues, nextAsk } from "./late-values";
import type { StoredDraft } from "./stored-draft";

const T = Date.parse("2026-11-28T10:00:00Z");
const MINUTE = 60_000;

function waiting(nextAt?: number, task = "facts:inps:later"): StoredDraft {
  const question = { task, isWaiting: true, nextAt: nextAt === undefined ? undefined : new Date(nextAt).toISOString() };
  return { version: 1, percent: 50, values: new Map(), questions: [question] };
}

const answered: StoredDraft = { ...waiting(), questions: [{ task: "facts:inps:later", isWaiting: false, nextAt: undefined }] };

/** A page with its clock; the draft that is read can be exchanged. */
class Page {
  now = T;
  isVisible = true;
  stored: StoredDraft | undefined = waiting();
  readonly asked: number[] = [];
  readonly late: LateValues;
  #timers: { at: number; run: () => void }[] = [];

  constructor(readonly openings: readonly number[] = []) {
    this.late = new LateValues(waiting(), {
      now: () => this.now,
      after: (ms, run) => {
        const timer = { at: this.now + ms, run };
        this.#timers.push(timer);
        return () => void (this.#timers = this.#timers.filter((each) => each !== timer));
      },
      isVisible: () => this.isVisible,
      openings,
      read: () => {
        this.asked.push(this.now - T);
        return Promise.resolve(this.stored);
      },
    });
  }

  async until(ms: number): Promise<void> {
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= T + ms).sort((one, other) => one.at - other.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
    this.now = T + ms;
  }
}

describe("late values", () => {
  it("are asked for at 2, 4, 8, 15, 30 and 60 seconds, then each minute, ten times in all", async () => {
    const page = new Page();
    await page.until(60 * MINUTE);
    expect(page.asked.map((ms) => ms / 1000)).toEqual([2, 4, 8, 15, 30, 60, 120, 180, 240, 300]);
  });

  it("are asked for when the registry is asked again", async () => {
    const page = new Page();
    page.stored = waiting(T + 10 * MINUTE);
    await page.until(11 * MINUTE - 1);
    expect(page.asked.at(-1)).toBe(10 * MINUTE);
    expect(page.asked).toHaveLength(7);
  });

  it("are no longer asked for once they have come", async () => {
    const page = new Page();
    await page.until(5_000);
    page.stored = answered;
    await page.until(60 * MINUTE);
    expect(page.asked).toEqual([2_000, 4_000, 8_000]);
  });

  it("are no longer asked for where a save has brought them", async () => {
    const page = new Page();
    page.late.told(answered);
    await page.until(60 * MINUTE);
    expect(page.asked).toEqual([]);
  });

  it("are asked for anew after a new question, such as a correction", async () => {
    const page = new Page();
    await page.until(60 * MINUTE);
    page.late.told(waiting(undefined, "facts:unioncamere:now"));
    await page.until(60 * MINUTE + 5_000);
    expect(page.asked.slice(10)).toEqual([60 * MINUTE + 2_000, 60 * MINUTE + 4_000]);
  });

  it("are not asked for while nobody looks, and once when somebody looks again", async () => {
    const page = new Page();
    await page.until(3_000);
    page.isVisible = false;
    await page.until(50_000);
    expect(page.asked).toEqual([2_000]);
    page.isVisible = true;
    page.late.seen();
    await page.until(60_000);
    expect(page.asked).toEqual([2_000, 50_000, 60_000]);
  });

  it("are not asked for once the pages are left, whatever a save still tells, and again on return", async () => {
    const page = new Page();
    await page.until(3_000);
    page.late.stop();
    page.late.told(waiting(undefined, "facts:unioncamere:now"));
    page.late.seen();
    await page.until(10 * MINUTE);
    expect(page.asked).toEqual([2_000]);
    page.late.start();
    await page.until(10 * MINUTE);
    expect(page.asked).toEqual([2_000, 10 * MINUTE]);
  });

  it("leave an opening alone, from an hour before to half an hour after", async () => {
    const opening = T + 30 * MINUTE;
    const page = new Page([opening]);
    await page.until(60 * MINUTE - 1);
    expect(page.asked).toEqual([]);
    await page.until(60 * MINUTE);
    expect(page.asked).toEqual([60 * MINUTE]);
  });

  it("leave alone an opening that has just been", () => {
    const wait: Wait = { since: T, asks: 0, lastAsk: undefined };
    expect(nextAsk(wait, waiting(), [T - 10 * MINUTE], T)).toBe(T + 20 * MINUTE);
    expect(nextAsk(wait, waiting(), [T - 30 * MINUTE], T)).toBe(T + 2_000);
  });

  it("leave two openings alone whose quiet times touch", () => {
    const wait: Wait = { since: T, asks: 0, lastAsk: undefined };
    const openings = [T + 80 * MINUTE, T + 30 * MINUTE];
    expect(nextAsk(wait, waiting(), openings, T)).toBe(T + 110 * MINUTE);
  });

  it("are asked for again after a read that did not work", async () => {
    const page = new Page();
    page.stored = undefined;
    await page.until(5_000);
    expect(page.asked).toEqual([2_000, 4_000]);
  });
});
