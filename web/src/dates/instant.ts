// Instants as people in Italy read them, whatever offset they are written with and wherever the reader's clock stands.

const ROME = "Europe/Rome";

const WEEKDAYS = ["domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"];
/** Names of the months, from January. */
export const MONTHS = [
  "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
  "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
];

const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: ROME,
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
  hourCycle: "h23",
});

interface RomeTime {
  year: number;
  month: number;
  day: number;
  weekday: string;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

/** An instant as milliseconds of Unix time, or an RFC 3339 text with any offset and any number of decimals. */
export type Instant = number | string;

/** The milliseconds of Unix time; null where the text is no instant. */
export function milliseconds(instant: Instant): number | null {
  const value = typeof instant === "number" ? instant : Date.parse(instant);
  return Number.isFinite(value) ? value : null;
}

/** Whether an instant is where something begins, or where it ends. */
type Edge = "start" | "end";

function inRome(instant: Instant, edge: Edge = "start"): RomeTime | null {
  const value = milliseconds(instant);
  if (value === null) return null;
  const found: Record<string, number> = {};
  for (const part of parts.formatToParts(value)) found[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found;
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? "";
  const time = { year, month, day, weekday, hour, minute, second, millisecond: ((value % 1000) + 1000) % 1000 };
  const isMidnight = hour + minute + second + time.millisecond === 0;
  return edge === "end" && isMidnight ? lastOfDayBefore(value) : time;
}

/** What ends at midnight is told by the day that it closes: «ore 24:00» of the 31st, not «ore 00:00» of the 1st. */
function lastOfDayBefore(midnight: number): RomeTime | null {
  const before = inRome(midnight - 1);
  return before && { ...before, hour: 24, minute: 0, second: 0, millisecond: 0 };
}

const two = (n: number) => String(n).padStart(2, "0");
// Like the API's own texts: "giovedì 1º gennaio".
const dayOfMonth = (day: number) => (day === 1 ? "1º" : String(day));

const secondsOf = (time: RomeTime) => `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
const millisecondsOf = (time: RomeTime) => `${secondsOf(time)},${String(time.millisecond).padStart(3, "0")}`;
const dayOf = (time: RomeTime) => `${time.weekday} ${dayOfMonth(time.day)} ${MONTHS[time.month - 1]} ${time.year}`;

/** «lunedì 12 gennaio 2026» */
export function day(instant: Instant): string {
  const time = inRome(instant);
  return time ? dayOf(time) : String(instant);
}

/** «lunedì 12 gennaio 2026, ore 09:00:00 (ora italiana)» */
export function long(instant: Instant, edge?: Edge): string {
  const time = inRome(instant, edge);
  if (!time) return String(instant);
  return `${dayOf(time)}, ore ${secondsOf(time)} (ora italiana)`;
}

/** «lunedì 12 gennaio 2026, ore 09:00» where seconds say nothing. */
export function toTheMinute(instant: Instant, edge?: Edge): string {
  const time = inRome(instant, edge);
  return time ? `${dayOf(time)}, ore ${two(time.hour)}:${two(time.minute)}` : String(instant);
}

/** «lunedì 12 gennaio 2026, ore 09:00:00,123 (ora italiana)»: the arrival of a submission, no line of which ends with «ore». */
export function toTheMillisecond(instant: Instant): string {
  const time = inRome(instant);
  return time ? `${dayOf(time)}, ore\u00a0${millisecondsOf(time)} (ora italiana)` : String(instant);
}

/** «28 nov 2026, 12:23»: in tables and source lines. */
export function short(instant: Instant, edge?: Edge): string {
  const time = inRome(instant, edge);
  if (!time) return String(instant);
  return `${time.day} ${(MONTHS[time.month - 1] ?? "").slice(0, 3)} ${time.year}, ${two(time.hour)}:${two(time.minute)}`;
}

/** «12:04» */
export function clockTime(instant: Instant): string {
  const time = inRome(instant);
  return time ? `${two(time.hour)}:${two(time.minute)}` : String(instant);
}

/** «09:00:00» */
export function clockTimeWithSeconds(instant: Instant): string {
  const time = inRome(instant);
  return time ? secondsOf(time) : String(instant);
}

/** «09:00:00,123» */
export function clockTimeWithMilliseconds(instant: Instant): string {
  const time = inRome(instant);
  return time ? millisecondsOf(time) : String(instant);
}

/** A date without a time, `2026-01-05`, as «5 gennaio 2026». */
export function plainDate(date: string): string {
  const [, year, month, dayText] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? [];
  const name = MONTHS[Number(month) - 1];
  return name ? `${dayOfMonth(Number(dayText))} ${name} ${year}` : date;
}
