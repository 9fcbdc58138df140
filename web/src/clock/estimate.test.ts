import { describe, expect, it } from "vitest";
import { estimate, isGoodEnough, nextSending, type Sample } from "./estimate";

/** Asks a server whose clock is `offset` ahead, over a line that takes `there` and `back`. */
function ask(sentAt: number, offset: number, there: number, back: number): Sample {
  const serverTime = Math.floor((sentAt + there + offset) / 1000) * 1000;
  return { sentAt, receivedAt: sentAt + there + back, serverTime, cut: 1000 };
}

function hunt(offset: number, there: number, back: number, asked: number): Sample[] {
  const samples: Sample[] = [];
  let now = 1_000_137;
  for (let n = 0; n < asked; n += 1) {
    const sample = ask(nextSending(samples, now), offset, there, back);
    samples.push(sample);
    now = sample.receivedAt + 1;
  }
  return samples;
}

describe("the server's clock", () => {
  it("is found within the time of the way after six questions, whatever the local clock says", () => {
    for (const offset of [0, 412, -3_600_000 + 77, 3_600_000 - 1, 86_400_333]) {
      for (const [there, back] of [[5, 5], [40, 40], [150, 20], [20, 150]] as const) {
        const found = estimate(hunt(offset, there, back, 6));
        expect(found).not.toBeNull();
        const error = Math.abs((found?.offset ?? NaN) - offset);
        expect(error).toBeLessThanOrEqual((found?.precision ?? NaN) + 0.001);
        expect(found?.precision).toBeLessThanOrEqual((there + back) / 2 + 20);
      }
    }
  });
  it("says how wrong it may be after one question", () => {
    const found = estimate([ask(1_000_000, 300, 50, 50)]);
    expect(found?.precision).toBe(550);
  });
  it("believes the later answer when a clock jumped", () => {
    const found = estimate([ask(1_000_000, 0, 10, 10), ask(1_002_000, 60_000, 10, 10)]);
    expect(found?.offset).toBeGreaterThan(59_000);
  });
  it("stops when the way is the only doubt left", () => {
    expect(isGoodEnough([])).toBe(false);
    expect(isGoodEnough(hunt(5000, 60, 60, 6))).toBe(true);
  });
});
