// When the session is refreshed, and when its holder is warned. Pure: instants are milliseconds of the portal's clock.

const MINUTE = 60_000;
/** The access token lasts ten minutes: in use it is renewed when so much of it is left. */
const RENEW_BEFORE = 2 * MINUTE;
/** So long before the session's end people are told. */
const WARN_BEFORE = 5 * MINUTE;
/** Around an opening the API has better things to do: one refresh, spread over these minutes, then none. */
const SPREAD_FROM = 10 * MINUTE;
const SPREAD_OVER = 7 * MINUTE;
const QUIET_FROM = 2 * MINUTE;
const QUIET_UNTIL = 5 * MINUTE;

/** What is known of a session. */
export interface SessionClock {
  now: number;
  /** When the access token is over. */
  expiresAt: number;
  /** When the session ends unless it is refreshed. */
  restsUntil: number;
  /** When it ends whatever happens. */
  endsAt: number;
  refreshedAt: number;
  /** The last key or press on any page of the portal. */
  usedAt: number;
  /** When sending opens, of the campaigns that are shown. */
  openings: readonly number[];
  /** This browser's share of the minutes before an opening, from 0 to 1. */
  share: number;
}

/** Whether the token is renewed now. */
export function isRefreshDue(clock: SessionClock): boolean {
  const { now, refreshedAt } = clock;
  const opening = clock.openings.find((at) => now >= at - SPREAD_FROM && now < at + QUIET_UNTIL);
  if (opening !== undefined) {
    const chosen = opening - SPREAD_FROM + clock.share * SPREAD_OVER;
    return now >= chosen && now < opening - QUIET_FROM && refreshedAt < opening - SPREAD_FROM;
  }
  return clock.usedAt > refreshedAt && now >= clock.expiresAt - RENEW_BEFORE && now < clock.restsUntil;
}

/** Which end is near: `rest` can be put off, `end` cannot; `over` says that one of them has passed. */
export function endNear({ now, restsUntil, endsAt }: SessionClock): "rest" | "end" | "over" | null {
  if (now >= Math.min(restsUntil, endsAt)) return "over";
  if (now >= endsAt - WARN_BEFORE) return "end";
  return now >= restsUntil - WARN_BEFORE ? "rest" : null;
}
