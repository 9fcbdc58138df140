// How long is left until an instant, in words and in figures.

import { it } from "../texts/it";

/** Whole days, hours, minutes and seconds that are left; a started second counts. */
export function split(ms: number) {
  const all = Math.max(0, Math.ceil(ms / 1000));
  return {
    days: Math.floor(all / 86400),
    hours: Math.floor((all % 86400) / 3600),
    minutes: Math.floor((all % 3600) / 60),
    seconds: all % 60,
  };
}

/** «3 giorni e 4 ore», «2 ore e 5 minuti», «40 secondi»: the two largest parts. */
export function inWords(ms: number): string {
  const { days, hours, minutes, seconds } = split(ms);
  const said = [
    days > 0 && it.time.days(days),
    hours > 0 && it.time.hours(hours),
    days === 0 && minutes > 0 && it.time.minutes(minutes),
    days === 0 && hours === 0 && seconds > 0 && it.time.seconds(seconds),
  ].filter((part) => part !== false);
  if (said.length === 0) return it.time.seconds(0);
  return said.slice(0, 2).join(` ${it.time.and} `);
}

/** «23:59:59» below a day, else words: what a countdown to an opening shows. For more than a day, seconds would only unsettle. */
export function inFigures(ms: number): string {
  const { days, hours, minutes, seconds } = split(ms);
  if (days > 0) return inWords(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(hours)}:${two(minutes)}:${two(seconds)}`;
}

/** The moments before an opening at which the time left is spoken, in seconds (60, 10, 5 and 1 minutes, 10 seconds). */
const SPOKEN_AT = [3600, 600, 300, 60, 10];

/** What to say when the time left went from one value to another; null where nothing is due. */
export function spoken(before: number, now: number): string | null {
  const due = SPOKEN_AT.find((seconds) => before > seconds * 1000 && now <= seconds * 1000);
  return due === undefined ? null : it.time.speak(inWords(due * 1000));
}
