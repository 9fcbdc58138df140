// How arming stands for a model, by the calendar and as `Campaign::arming` of the domain says it; and when receipts are asked
// for after the opening. Pure: instants of the decree's clock.

import { milliseconds } from "../dates/instant";
import { contains } from "../facts/calendar";
import type { Campaign, Model } from "../facts/facts";
import { somewhereIn } from "../sending/moments";

/** How arming stands. */
export type ArmingStanding =
  /** Applications can be armed, and arrive then. */
  | { state: "before"; opensAt: string }
  /** What was armed arrived then, and is being sent or was. */
  | { state: "opened"; openedAt: string }
  /** No opening is to come. */
  | { state: "none" };

const at = (instant: string) => milliseconds(instant) ?? Number.NaN;

/** Whether people can arm in a campaign; not where the calendar is older than that question. */
export const canBeArmed = (campaign: Campaign | null | undefined) => campaign?.order === "armed";

/** The standing of a model of a campaign that lets people arm. */
export function armingStanding({ submit, off_quota }: Model, now: number): ArmingStanding {
  const windows = off_quota ? [off_quota, ...submit] : submit;
  const open = windows.find((window) => contains(window, now));
  if (open) return { state: "opened", openedAt: open.from };
  const next = windows
    .map(({ from }) => from)
    .filter((from) => now < at(from))
    .sort((one, other) => at(one) - at(other))[0];
  return next === undefined ? { state: "none" } : { state: "before", opensAt: next };
}

/** Whether two are alike. */
export const isSameStanding = (one: ArmingStanding, other: ArmingStanding) => JSON.stringify(one) === JSON.stringify(other);

const MINUTE = 60_000;

/**
 * When the page asks for receipts: once, so that not everybody asks in the same second. The portal begins to send a minute after
 * the opening. Null where the time for it is over: what is read then has the receipts.
 */
export function receiptsAt(openedAt: string, now: number, random: number): number | null {
  return somewhereIn({ from: at(openedAt) + 2 * MINUTE, until: at(openedAt) + 7 * MINUTE }, now, random);
}
