import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
// @ts-expect-error a program of the build, without types
import { fill } from "./fill.mjs";

const fixture = JSON.parse(readFileSync(fileURLToPath(new URL("fill.fixture.json", import.meta.url)), "utf8"));

describe("the regions of written pages", () => {
  // The same cases are held by functions/publish-facts/src/pages.rs, which writes the pages of the bucket.
  for (const one of fixture.cases) {
    it(`are filled as publish-facts fills them: ${one.name}`, () => {
      expect(fill(one.html, one.page, fixture.templates, one.facts, Date.parse(fixture.now))).toBe(one.filled);
    });
  }
});
