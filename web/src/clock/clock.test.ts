import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

// A computer whose own clock is an hour ahead of the portal's.
const AHEAD = 3_600_000;
let portal = 1_800_000_000_000;
let running = 0;
let asked = 0;

beforeEach(() => {
  asked = 0;
  running = 0;
  vi.resetModules();
  vi.useFakeTimers();
  vi.spyOn(performance, "now").mockImplementation(() => running);
  vi.spyOn(Date, "now").mockImplementation(() => portal + AHEAD);
  vi.stubGlobal("fetch", async (file: string, { method }: RequestInit) => {
    expect([file, method]).toEqual(["/facts/calendar.json", "HEAD"]);
    asked += 1;
    portal += 20;
    running += 20;
    const headers = new Headers({ "x-clock-ms": String(portal) });
    portal += 20;
    running += 20;
    return new Response(null, { headers });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function known() {
  const clock = await import("./clock");
  const done = clock.setServerClock();
  await vi.runAllTimersAsync();
  await done;
  return clock;
}

describe("the portal's clock in a page", () => {
  it("is the edge's milliseconds, to half the way there and back, whatever the computer's says", async () => {
    const clock = await known();
    expect(asked).toBe(3);
    expect(Math.abs(clock.serverNow() - portal)).toBeLessThanOrEqual(1);
    expect(clock.serverClock.value?.precision).toBeLessThanOrEqual(21);
  });
  it("after a sleep is at the latest what the computer's clock has moved on, until it is asked again", async () => {
    const clock = await known();
    // The monotonic clock stood still.
    portal += 60_000;
    expect(clock.serverNow()).toBeLessThan(portal - 59_000);
    expect(Math.abs(clock.latestServerNow() - portal)).toBeLessThanOrEqual(1);
    const checked = clock.checkServerClock();
    await vi.runAllTimersAsync();
    expect(await checked).toBe(true);
    expect(asked).toBe(4);
    expect(Math.abs(clock.serverNow() - portal)).toBeLessThanOrEqual(1);
    expect(await clock.checkServerClock()).toBe(false);
    expect(asked).toBe(4);
  });
  it("is put right by an answer that says what time it is", async () => {
    const clock = await import("./clock");
    expect(clock.serverNow()).toBe(portal + AHEAD);
    clock.correctServerClock(portal);
    expect(clock.serverNow()).toBe(portal);
  });
});
