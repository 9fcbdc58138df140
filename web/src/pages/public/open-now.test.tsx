import { renderToString } from "preact-render-to-string";
import { expect, test } from "vitest";
import { OpenNow } from "./open-now";

const words = (until: string | null) => renderToString(<OpenNow until={until} />).replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();

test("an open window says until when it is open, and the end of a day as that day's", () => {
  expect(words("2026-12-31T20:00:00+01:00")).toBe("Aperto ora L'invio è aperto fino a giovedì 31 dicembre 2026, ore 20:00.");
  expect(words("2027-01-01T00:00:00+01:00")).toBe("Aperto ora L'invio è aperto fino a giovedì 31 dicembre 2026, ore 24:00.");
});

test("a window without an end is open, and no more is said", () => {
  expect(words(null)).toBe("Aperto ora");
});
