// Days of the calendar as `YYYY-MM-DD`, which sort as they follow each other; no clock and no time zone.

const MS_PER_DAY = 86_400_000;

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The day of these numbers; none where there is no such day. */
export function dayOf(year: number, month: number, day: number): string | undefined {
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= lengthOfMonth(year, month) && year >= 0 && year <= 9999;
  return exists ? written({ year, month, day }) : undefined;
}

/** Whether the text is a day that exists, in the one spelling that is stored. */
export function isDay(text: string): boolean {
  return parse(text) !== undefined;
}

/** The day so many years, months and days later; in a shorter month, its last day. */
export function shifted(from: string, { years = 0, months = 0, days = 0 }): string | undefined {
  const start = parse(from);
  if (!start) return undefined;
  const month = start.year * 12 + (start.month - 1) + years * 12 + months;
  const [year, monthOfYear] = [Math.floor(month / 12), (month % 12) + 1];
  const day = Math.min(start.day, lengthOfMonth(year, monthOfYear));
  const then = new Date(instantOf({ year, month: monthOfYear, day }) + days * MS_PER_DAY);
  return dayOf(then.getUTCFullYear(), then.getUTCMonth() + 1, then.getUTCDate());
}

/** Days from one to the other, both included; not positive if they are in the wrong order. */
export function daysInclusive(from: string, to: string): number | undefined {
  const [first, last] = [parse(from), parse(to)];
  if (!first || !last) return undefined;
  const days = Math.round((instantOf(last) - instantOf(first)) / MS_PER_DAY);
  return days + 1;
}

/** Whole years from one day to another; who is born on 29 February is a year older on 1 March. */
export function wholeYears(from: string, to: string): number | undefined {
  if (to < from) {
    const back = wholeYears(to, from);
    return back === undefined ? undefined : -back;
  }
  const [first, last] = [parse(from), parse(to)];
  if (!first || !last) return undefined;
  const isBeforeAnniversary = last.month < first.month || (last.month === first.month && last.day < first.day);
  return last.year - first.year - (isBeforeAnniversary ? 1 : 0);
}

/** `31/12/2026` */
export function italian(day: string): string {
  return day.split("-").reverse().join("/");
}

/** A bound of a schema as a day: fixed (`2026-01-12`), or counted from today (`today`, `today+30d`, `today-16y`, `today+9m`). */
export function boundOn(bound: string, today: string): string | undefined {
  const [, sign = "+", count = "0", unit = "d"] = /^today(?:([+-])(\d+)([ymd]))?$/.exec(bound) ?? [];
  if (!bound.startsWith("today")) return isDay(bound) ? bound : undefined;
  const shift = Number(count) * (sign === "-" ? -1 : 1);
  return shifted(today, unit === "y" ? { years: shift } : unit === "m" ? { months: shift } : { days: shift }) ?? today;
}

function parse(text: string): Parts | undefined {
  const [whole, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const parts = { year: Number(year), month: Number(month), day: Number(day) };
  return dayOf(parts.year, parts.month, parts.day) === undefined ? undefined : parts;
}

function written({ year, month, day }: Parts): string {
  const padded = (part: number, width: number) => String(part).padStart(width, "0");
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

function instantOf({ year, month, day }: Parts): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

function lengthOfMonth(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}
