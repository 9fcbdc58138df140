import { describe, expect, it } from "vitest";
import { Problem } from "../api/problem";
import type { ArmedOutcomeView, ArmedSendsAnswer } from "../api/generated";
import { ask } from "./ask";

const ids = (n: number) => Array.from({ length: n }, (_, k) => `app_${k}`);
const refused = (status: number, more: object = {}) =>
  Problem.of(status, { type: "/problemi/x", title: "x", status, detail: "x", request_id: "r", ...more }, new Headers());

/** A portal that arms each once; `mishaps` befall the next requests. */
function portal(mishaps: (Problem | "lost-answer" | { unavailable: number })[] = []) {
  const armed = new Set<string>();
  const asked: number[] = [];
  const paused: number[] = [];
  const settled: ArmedOutcomeView[] = [];
  const send = async (wanted: string[]): Promise<ArmedSendsAnswer> => {
    asked.push(wanted.length);
    const mishap = mishaps.shift();
    if (mishap instanceof Problem) throw mishap;
    const taken = typeof mishap === "object" ? wanted.slice(mishap.unavailable) : wanted;
    const outcomes = wanted.map((application): ArmedOutcomeView => {
      if (!taken.includes(application)) return { application, outcome: "unavailable" };
      const outcome = armed.has(application) ? "already-armed" : "armed";
      armed.add(application);
      return { application, outcome };
    });
    if (mishap === "lost-answer") throw Problem.network();
    return { arrival: "2026-01-12T07:00:00.000Z", opens_at: "2026-01-12T09:00:00.000+01:00", outcomes, remaining: 0 };
  };
  const run = (all: string[]) =>
    ask(all, {
      send,
      pause: async (ms) => void paused.push(ms),
      onAnswer: (some) => settled.push(...some),
    });
  return { armed, asked, paused, settled, run };
}

describe("arming many", () => {
  it("asks for a hundred at a time, one request after the other", async () => {
    const it = portal();
    expect(await it.run(ids(250))).toEqual({ ids: [], problem: null });
    expect(it.asked).toEqual([100, 100, 50]);
    expect(it.settled).toHaveLength(250);
    expect(it.paused).toEqual([]);
  });
  it("asks again for what the store did not take, and settles each once", async () => {
    const it = portal([{ unavailable: 40 }, refused(503)]);
    expect((await it.run(ids(100))).ids).toEqual([]);
    expect(it.asked).toEqual([100, 40, 40]);
    expect(new Set(it.settled.map(({ application }) => application)).size).toBe(100);
    expect(it.paused).toEqual([400, 400]);
  });
  it("asks again after an answer that was lost, and is told that all is armed already", async () => {
    const it = portal(["lost-answer"]);
    expect((await it.run(ids(2))).problem).toBeNull();
    expect(it.settled.map(({ outcome }) => outcome)).toEqual(["already-armed", "already-armed"]);
  });
  it("gives up after three pauses and leaves the rest untouched, with the reason", async () => {
    const it = portal([{ unavailable: 0 }, refused(503), refused(503), refused(503), refused(503)]);
    const left = await it.run(ids(150));
    expect(left.ids).toHaveLength(50);
    expect(left.problem?.status).toBe(503);
    expect(it.paused).toEqual([400, 1200, 3000]);
  });
  it("says that some were not settled where the store takes none of them", async () => {
    const none = { unavailable: 2 };
    const it = portal([none, none, none, none]);
    expect(await it.run(ids(2))).toEqual({ ids: ids(2), problem: null });
  });
  it("waits as long as a 429 asks for, and shows the page a longer wait", async () => {
    const short = portal([refused(429, { retry_after_s: 2 })]);
    expect((await short.run(ids(1))).problem).toBeNull();
    expect(short.paused).toEqual([2000]);
    const long = portal([refused(429, { retry_after_s: 60 })]);
    expect((await long.run(ids(1))).problem?.status).toBe(429);
  });
  it("stops at once at what no repetition changes: the window is open, the session is over", async () => {
    for (const status of [409, 401, 403]) {
      const it = portal([refused(status)]);
      expect((await it.run(ids(150))).ids).toHaveLength(150);
      expect(it.asked).toEqual([100]);
    }
  });
});
