// Dates as people type them: three boxes, names of months, a whole date pasted into one box. Pure.

import { MONTHS } from "./instant";

/** What stands in the three boxes. */
export interface TypedDate {
  day: string;
  month: string;
  year: string;
}

/** The boxes of a stored date, or of the text of unfinished ones; empty ones for what is neither. */
export function boxesOf(text: string): TypedDate {
  const [iso, isoYear = "", isoMonth = "", isoDay = ""] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (iso !== undefined) return { day: isoDay, month: isoMonth, year: isoYear };
  const [, day = "", month = "", year = ""] = /^([^/]*)\/([^/]*)\/([^/]*)$/.exec(text) ?? [];
  return { day, month, year };
}

/** Boxes that hold no date as one text, so that they can be kept: `31/febbraio/`. */
export function unfinished({ day, month, year }: TypedDate): string {
  return [day, month, year].map((box) => box.replaceAll("/", " ")).join("/");
}

/** The number of a month by figures or by an Italian name or its beginning («gen», «Maggio»). */
export function monthOf(typed: string): number | null {
  const text = typed.trim().toLowerCase().replace(/\.$/, "");
  if (/^\d{1,2}$/.test(text)) {
    const number = Number(text);
    return number >= 1 && number <= 12 ? number : null;
  }
  if (text.length < 3) return null;
  const index = MONTHS.findIndex((name) => name.startsWith(text));
  return index < 0 ? null : index + 1;
}

/** `1990-05-01`; null where the boxes hold no date that exists. */
export function isoOf({ day, month, year }: TypedDate): string | null {
  const d = Number(day.trim());
  const m = monthOf(month);
  const y = Number(year.trim());
  if (!/^\d{1,2}$/.test(day.trim()) || m === null || !/^\d{4}$/.test(year.trim())) return null;
  const date = new Date(Date.UTC(y, m - 1, d));
  date.setUTCFullYear(y);
  if (date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d) return null;
  return `${year.trim()}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}`;
}

/** A whole date in one text: 01/05/1990, 1-5-1990, 1990-05-01, 1º maggio 1990. */
export function pasted(text: string): TypedDate | null {
  const trimmed = text.trim();
  const [, y, m, d] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(trimmed) ?? [];
  if (y && m && d) return { day: d, month: m, year: y };
  const [, day, month, year] = /^(\d{1,2})º?[\s/.-]+([A-Za-z]{3,}|\d{1,2})[\s/.-]+(\d{4})$/.exec(trimmed) ?? [];
  return day && month && year ? { day, month, year } : null;
}

/** Whether nothing was typed. */
export function isBlank({ day, month, year }: TypedDate): boolean {
  return !day.trim() && !month.trim() && !year.trim();
}
