import { expect, test } from "vitest";
import type { Model } from "../../facts/facts";
import { whenToComplete } from "./sending-opens";

const at = (instant: string) => Date.parse(instant);
const model = (submit: Model["submit"]) => ({ submit, off_quota: null }) as Partial<Model> as Model;
const january = model([{ from: "2026-01-12T09:00:00+01:00", until: "2027-01-01T00:00:00+01:00" }]);

test("before the opening a draft's page says when it is, since what is complete then leaves first", () => {
  expect(whenToComplete(january, at("2026-01-12T08:59:59.999+01:00"))).toBe(
    "L'invio si apre lunedì 12 gennaio 2026, ore 09:00:00 (ora italiana): per inviarla dal primo istante completala prima.",
  );
});

test("from the opening on it says until when the sending is open, and the end of a day as that day's", () => {
  expect(whenToComplete(january, at("2026-01-12T09:00:00+01:00"))).toBe(
    "L'invio è aperto fino a giovedì 31 dicembre 2026, ore 24:00: appena la domanda è completa la puoi inviare.",
  );
  expect(whenToComplete(model([{ from: "2026-01-12T09:00:00+01:00", until: null }]), at("2026-02-01T09:00:00+01:00"))).toBe(
    "L'invio è aperto: appena la domanda è completa la puoi inviare.",
  );
});

test("after the last window it says that the draft will never be sent", () => {
  expect(whenToComplete(january, at("2027-01-01T00:00:00+01:00"))).toContain("non si può più inviare");
});

test("of a model without a window nothing is said", () => {
  expect(whenToComplete(model([]), at("2026-02-01T09:00:00+01:00"))).toBeNull();
});
