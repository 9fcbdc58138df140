// Rules over several fields, as data: the law between two dates, two amounts, or a code and a birth. A rule speaks only once
// all the values that it looks at are there, because the list of missing answers names the others.

import { daysInclusive, isDay, shifted, wholeYears } from "./calendar-day";
import type { Condition, View } from "./condition";
import { fieldsOf, holds, readCondition } from "./condition";
import { isValidOn } from "./field-check";
import { fitsBirth } from "./fiscal-code";
import { flag, number, optionalText, text } from "./reading";
import type { Model, Rule } from "./schema";

export type Check =
  | { readonly kind: "date-after"; readonly date: string; readonly other: string; readonly orSame: boolean }
  | { readonly kind: "date-span"; readonly from: string; readonly to: string; readonly minDays: number; readonly maxMonths: number }
  | { readonly kind: "share-at-most"; readonly share: string; readonly of: string; readonly parts: number }
  | { readonly kind: "at-least"; readonly number: string; readonly floor: number }
  | { readonly kind: "at-most"; readonly number: string; readonly ceiling: number }
  | { readonly kind: "at-least-table"; readonly amount: string; readonly table: string; readonly day: string }
  | { readonly kind: "differ"; readonly one: string; readonly other: string }
  | { readonly kind: "belongs"; readonly part: string; readonly table: string; readonly whole: string }
  | { readonly kind: "fiscal-code-birth"; readonly fiscalCode: string; readonly birthDate: string }
  | {
      readonly kind: "age";
      readonly birthDate: string;
      readonly on: string;
      readonly minYears: number | undefined;
      readonly maxYears: number | undefined;
    }
  | { readonly kind: "holds"; readonly condition: Condition };

/** None where it is of a kind that this version does not know. */
export function readCheck(served: unknown): Check | undefined {
  if (typeof served !== "object" || served === null) return undefined;
  const check = served as Record<string, unknown>;
  const key = (member: string) => text(check[member], member);
  const count = (member: string) => number(check[member], member);
  switch (optionalText(check["kind"])) {
    case "date-after":
      return { kind: "date-after", date: key("date"), other: key("other"), orSame: flag(check["or_same"]) };
    case "date-span":
      return { kind: "date-span", from: key("from"), to: key("to"), minDays: count("min_days"), maxMonths: count("max_months") };
    case "share-at-most":
      return { kind: "share-at-most", share: key("share"), of: key("of"), parts: count("parts") };
    case "at-least":
      return { kind: "at-least", number: key("number"), floor: count("floor") };
    case "at-most":
      return { kind: "at-most", number: key("number"), ceiling: count("ceiling") };
    case "at-least-table":
      return { kind: "at-least-table", amount: key("amount"), table: key("table"), day: key("day") };
    case "differ":
      return { kind: "differ", one: key("one"), other: key("other") };
    case "belongs":
      return { kind: "belongs", part: key("part"), table: key("table"), whole: key("whole") };
    case "fiscal-code-birth":
      return { kind: "fiscal-code-birth", fiscalCode: key("fiscal_code"), birthDate: key("birth_date") };
    case "age": {
      const years = (member: string) => (typeof check[member] === "number" ? check[member] : undefined);
      return { kind: "age", birthDate: key("birth_date"), on: key("on"), minYears: years("min_years"), maxYears: years("max_years") };
    }
    case "holds": {
      const condition = readCondition(check["condition"]);
      return condition && { kind: "holds", condition };
    }
    default:
      return undefined;
  }
}

/** Whether it is kept; a rule that lacks a value, or a table that was not served, is kept. */
export function isKept(rule: Rule, view: View, model: Model): boolean {
  if (rule.when && !holds(rule.when, view)) return true;
  return outcome(rule.check, view, model) ?? true;
}

/** None while a value is missing. */
function outcome(check: Check, view: View, model: Model): boolean | undefined {
  const amount = (key: string) => {
    const value = view.value(key);
    return typeof value === "number" ? value : undefined;
  };
  const words = (key: string) => {
    const value = view.value(key);
    return typeof value === "string" ? value : undefined;
  };
  const day = (key: string) => {
    const value = words(key);
    return value !== undefined && isDay(value) ? value : undefined;
  };
  switch (check.kind) {
    case "date-after":
      return both(day(check.date), day(check.other), (date, other) => date > other || (check.orSame && date === other));
    case "date-span":
      return both(day(check.from), day(check.to), (from, to) => {
        const beyond = shifted(from, { months: check.maxMonths });
        const days = daysInclusive(from, to);
        return beyond === undefined || days === undefined ? undefined : days >= check.minDays && to < beyond;
      });
    case "share-at-most":
      return both(amount(check.share), amount(check.of), (share, of) => share * check.parts <= of);
    case "at-least":
      return both(amount(check.number), check.floor, (value, floor) => value >= floor);
    case "at-most":
      return both(amount(check.number), check.ceiling, (value, ceiling) => value <= ceiling);
    case "at-least-table":
      return both(amount(check.amount), day(check.day), (value, when) => {
        const rows = model.tables.get(check.table)?.values() ?? [];
        for (const row of rows) {
          if (row.amount !== undefined && isValidOn(row, when)) return value >= row.amount;
        }
        return undefined;
      });
    case "differ":
      return both(view.value(check.one), view.value(check.other), (one, other) => one !== other);
    case "belongs":
      return both(words(check.part), words(check.whole), (part, whole) => {
        const parent = model.tables.get(check.table)?.get(part)?.parent;
        return parent === undefined ? undefined : parent === whole;
      });
    case "fiscal-code-birth":
      return both(words(check.fiscalCode), day(check.birthDate), fitsBirth);
    case "age":
      return both(day(check.birthDate), day(check.on), (birth, on) => {
        const years = wholeYears(birth, on);
        if (years === undefined) return undefined;
        return years >= (check.minYears ?? -Infinity) && years <= (check.maxYears ?? Infinity);
      });
    case "holds": {
      const isAnswered = fieldsOf(check.condition).every((field) => view.value(field) !== undefined);
      return isAnswered ? holds(check.condition, view) : undefined;
    }
  }
}

function both<One, Other>(
  one: One | undefined,
  other: Other | undefined,
  judge: (one: One, other: Other) => boolean | undefined,
): boolean | undefined {
  return one === undefined || other === undefined ? undefined : judge(one, other);
}
