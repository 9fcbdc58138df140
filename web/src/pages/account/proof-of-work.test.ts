import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { solve, Unsolvable } from "./proof-of-work";
import { sha256 } from "./sha256";

const challengeOf = (number: number, maxnumber = 2000) => {
  const salt = "00112233445566778899aabb?expires=1767225600&";
  return { algorithm: "SHA-256", challenge: createHash("sha256").update(salt + number).digest("hex"), maxnumber, salt, signature: "ab".repeat(32) };
};

describe("the human check", () => {
  it("hashes as everybody does, whatever the length", () => {
    for (let length = 0; length < 200; length += 1) {
      const text = Uint8Array.from({ length }, (_, n) => (n * 7 + length) % 256);
      const hash = [...sha256(text)].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
      expect(hash, `${length} bytes`).toBe(createHash("sha256").update(text).digest("hex"));
    }
  });
  it("finds the number and sends the challenge back with it", async () => {
    for (const number of [0, 999, 1000, 1234, 2000]) {
      const challenge = challengeOf(number);
      const { maxnumber: _, ...sent } = challenge;
      const solution = await solve(challenge);
      expect(JSON.parse(atob(solution))).toEqual({ ...sent, number });
      // The API reads no longer text.
      expect(solution.length).toBeLessThan(500);
    }
  });
  it("says how far it is, and gives up at the end", async () => {
    const heard: number[] = [];
    await expect(solve({ ...challengeOf(5000), maxnumber: 1999 }, (percent) => heard.push(percent))).rejects.toThrow(Unsolvable);
    expect(heard).toEqual([50, 100]);
    await expect(solve({ ...challengeOf(1), algorithm: "SHA-1" })).rejects.toThrow(Unsolvable);
  });
});
