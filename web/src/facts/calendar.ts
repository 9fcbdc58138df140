// What the calendar says about now: what is open, what opens next. Pure, but for nothing.

import { milliseconds } from "../dates/instant";
import type { Campaign, Model, Window } from "./facts";

/** What a window lets people do. */
export type Activity = "start" | "edit" | "submit";

const at = (instant: string) => milliseconds(instant) ?? Number.NaN;

/** Whether an instant lies in a window: its beginning does, its end does not. */
export function contains(window: Window, now: number): boolean {
  return at(window.from) <= now && (window.until === null || now < at(window.until));
}

/** The window that is open now, else the next one; null when none comes. */
export function currentOrNext(windows: readonly Window[], now: number): Window | null {
  return windows.find((window) => window.until === null || now < at(window.until)) ?? null;
}

/** How one activity of a model stands. */
export type Standing =
  | { state: "open"; until: string | null }
  | { state: "opens"; at: string }
  /** `since` is the end of the last window; null where there never was one. */
  | { state: "over"; since: string | null };

/** How the windows stand at an instant of the campaign's clock. */
export function standing(windows: readonly Window[], now: number): Standing {
  const window = currentOrNext(windows, now);
  if (!window) return { state: "over", since: windows.at(-1)?.until ?? null };
  return contains(window, now) ? { state: "open", until: window.until } : { state: "opens", at: window.from };
}

function isAlive(model: Model, now: number): boolean {
  const windows = [...model.start, ...model.edit, ...model.submit, ...(model.off_quota ? [model.off_quota] : [])];
  return windows.some((window) => window.until === null || now < at(window.until));
}

/**
 * The campaigns that the public pages show: those that are marked; where none is, those that still have a window, the
 * newest year first.
 */
export function shown(campaigns: readonly Campaign[], now: number): Campaign[] {
  const marked = campaigns.filter((campaign) => campaign.current === true);
  if (marked.length > 0) return marked;
  if (campaigns.some((campaign) => campaign.current === false)) return [];
  return campaigns
    .filter((campaign) => campaign.models.some((model) => isAlive(model, now + campaign.clock_offset_ms)))
    .sort((a, b) => b.year - a.year);
}

/** A model that opens for sending soonest, with its campaign. */
export interface Opening {
  campaign: Campaign;
  model: Model;
  standing: Standing;
}

/** Each model that has windows, with how its sending stands. */
export function openings(campaigns: readonly Campaign[], now: number): Opening[] {
  return campaigns.flatMap((campaign) =>
    campaign.models
      .filter((model) => model.submit.length > 0)
      .map((model) => ({ campaign, model, standing: standing(model.submit, now + campaign.clock_offset_ms) })),
  );
}
