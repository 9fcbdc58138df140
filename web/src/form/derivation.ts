// The values that the portal computes from others, so that a sum follows what is typed before the next save.

import { daysInclusive } from "./calendar-day";
import type { Answers, Stored } from "./completeness";
import { View } from "./condition";
import type { Derivation, Filled, Model } from "./schema";

/** The answers with each computed value as it follows from the others. */
export function withDerived(model: Model, answers: Answers): Answers {
  const view = new View(model, (key) => answers.get(key)?.value);
  const all = new Map<string, Stored>(answers);
  for (const field of model.fields) {
    if (!field.derive) continue;
    const value = derived(field.derive, view);
    if (value === undefined) all.delete(field.key);
    else all.set(field.key, { value, source: "derived" });
  }
  return all;
}

function derived(derivation: Derivation, view: View): Filled | undefined {
  switch (derivation.kind) {
    case "copy":
      return view.value(derivation.from);
    case "constant":
      return derivation.value;
    case "days": {
      const [from, to] = [view.value(derivation.from), view.value(derivation.to)];
      if (typeof from !== "string" || typeof to !== "string" || from > to) return undefined;
      return daysInclusive(from, to);
    }
    case "sum": {
      // None while a number that is asked is missing, and where none is asked.
      const asked = derivation.parts.filter((part) => view.isAsked(part));
      const numbers = asked.map((part) => view.value(part)).filter((value) => typeof value === "number");
      const isWhole = asked.length > 0 && numbers.length === asked.length;
      return isWhole ? numbers.reduce((sum, value) => sum + value, 0) : undefined;
    }
  }
}
