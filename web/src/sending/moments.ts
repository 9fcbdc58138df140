// What happens when around an opening, so that not everybody asks in the same second. Pure: instants of the decree's clock.

import { milliseconds } from "../dates/instant";
import { contains, standing, type Standing } from "../facts/calendar";
import type { Model } from "../facts/facts";

const MINUTE = 60_000;

/** The page shows its list this long before an opening. */
export const SHOWN_BEFORE = 24 * 60 * MINUTE;

/** A stretch of time before an opening; the second instant is outside. */
export interface Stretch {
  from: number;
  until: number;
}

/** When the list is read again, if it is older than the beginning. */
export const listAgain = (opensAt: number): Stretch => ({ from: opensAt - 10 * MINUTE, until: opensAt - 5 * MINUTE });
/** When the session is renewed: 08:50 to 08:57 for an opening at 09:00. */
export const renewal = (opensAt: number): Stretch => ({ from: opensAt - 10 * MINUTE, until: opensAt - 3 * MINUTE });
/** When the clock is compared again. */
export const clockAgain = (opensAt: number): Stretch => ({ from: opensAt - 10 * MINUTE, until: opensAt - 9 * MINUTE });

/** Around an opening no session is renewed but by the plan above: the API has other things to do. */
export function quietAround(model: Model, now: number): Stretch | null {
  const stretches = model.submit.map(({ from }) => {
    const opensAt = milliseconds(from) ?? Number.NaN;
    return { from: opensAt - 10 * MINUTE, until: opensAt + 5 * MINUTE };
  });
  return stretches.find(({ from, until }) => from <= now && now < until) ?? null;
}

/** A random instant of a stretch, not before `now`; null when the stretch is over. */
export function somewhereIn({ from, until }: Stretch, now: number, random: number): number | null {
  const earliest = Math.max(from, now);
  return earliest < until ? earliest + random * (until - earliest) : null;
}

/** How sending stands for a model; what is outside quotas is open whenever that window is. */
export function sendingStanding(model: Model, now: number): Standing {
  if (model.off_quota && contains(model.off_quota, now)) return { state: "open", until: model.off_quota.until };
  return standing(model.submit, now);
}
