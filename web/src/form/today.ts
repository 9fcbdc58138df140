// The day in Rome, by which the server judges bounds that count from today.

const rome = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Rome", year: "numeric", month: "2-digit", day: "2-digit" });

/** `2026-11-28` */
export function romeDay(instant: number): string {
  const parts = new Map(rome.formatToParts(instant).map(({ type, value }) => [type, value]));
  return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
}
