// Keeps the session of who works, lets that of who left end, and warns before. Loaded after a sign-in; one per page.

import { effect, signal, untracked } from "@preact/signals";
import type { SessionView } from "../api/generated";
import { refreshes, refreshSession, sessionEnded } from "../api/refresh";
import { CALENDAR } from "../facts/address";
import { shown } from "../facts/calendar";
import type { Campaign } from "../facts/facts";
import { milliseconds } from "../dates/instant";
import { endNear, isRefreshDue, type SessionClock } from "./session-clock";
import { hearTabs, tellTabs } from "./tabs";
import { sessionWarning } from "./warning";

/** How often the clock is looked at. */
const LOOK_EVERY = 15_000;
/** Keys and presses are told to the other tabs this seldom. */
const TELL_EVERY = 60_000;
const MINUTE = 60_000;

const clock = signal<SessionClock | null>(null);
/** What to add to this computer's clock. */
let offset = 0;
let isRunning = false;
let isRefreshing = false;
let toldUse = 0;
/** The end that cannot be put off is told once. */
let isEndTold = false;

const now = () => Date.now() + offset;
const at = (instant: string | undefined, otherwise: number) => (instant === undefined ? otherwise : (milliseconds(instant) ?? otherwise));

/** Begins, or takes over what a newer answer says. */
export function keepAlive(view: SessionView): void {
  offset = at(view.now, Date.now()) - Date.now();
  const expiresAt = at(view.expires, now() + 10 * MINUTE);
  clock.value = {
    now: now(),
    expiresAt,
    restsUntil: at(view.rests_until, now() + 120 * MINUTE),
    endsAt: at(view.ends_at, now() + 720 * MINUTE),
    refreshedAt: expiresAt - 10 * MINUTE,
    usedAt: now(),
    openings: clock.value?.openings ?? [],
    share: clock.value?.share ?? Math.random(),
  };
  sessionWarning.value = null;
  if (isRunning) return;
  isRunning = true;
  for (const use of ["keydown", "pointerdown"]) addEventListener(use, used, { passive: true, capture: true });
  addEventListener("visibilitychange", () => void look());
  setInterval(() => void look(), LOOK_EVERY);
  hearTabs((message) => {
    if (message.say === "used") change({ usedAt: message.at });
    else change({ expiresAt: message.expiresAt, restsUntil: message.restsUntil, refreshedAt: message.refreshedAt });
  });
  effect(() => {
    if (refreshes.value > 0) untracked(refreshed);
  });
  void learnOpenings();
}

/** A time in which nothing is renewed, in milliseconds of this computer's clock. */
export interface Pause {
  from: number;
  until: number;
}

const pauses = new Set<Pause>();

/** Lets nothing be renewed for a while, beside the pauses that the calendar's openings make. Gives back how to end it. */
export function pauseRefreshes(pause: Pause): () => void {
  pauses.add(pause);
  return () => pauses.delete(pause);
}

const isPaused = () => [...pauses].some(({ from, until }) => Date.now() >= from && Date.now() < until);

function change(changes: Partial<SessionClock>): void {
  if (clock.value) clock.value = { ...clock.value, ...changes };
}

function used(): void {
  change({ usedAt: now() });
  if (Date.now() - toldUse < TELL_EVERY) return;
  toldUse = Date.now();
  tellTabs({ say: "used", at: now() });
}

async function learnOpenings(): Promise<void> {
  const campaigns = await fetch(CALENDAR, { credentials: "omit" })
    .then((answer) => (answer.ok ? answer.json() : { campaigns: [] }))
    .then((calendar: { campaigns: Campaign[] }) => calendar.campaigns)
    // Without the calendar the session is simply kept as on any other day.
    .catch(() => []);
  const openings = shown(campaigns, Date.now()).flatMap((campaign) =>
    campaign.models.flatMap((model) =>
      model.submit.flatMap((window) => {
        const from = milliseconds(window.from);
        return from === null ? [] : [from - campaign.clock_offset_ms];
      }),
    ),
  );
  change({ openings });
}

/** Renews now, whatever the clock says: «Continua la sessione». */
export async function stay(): Promise<void> {
  if (isRefreshing) return;
  isRefreshing = true;
  const { outcome } = await refreshSession(Date.now() - 1).finally(() => {
    isRefreshing = false;
  });
  if (outcome === "over") {
    sessionWarning.value = null;
    sessionEnded.value = true;
  }
}

/** A refresh of this page, by this file or after a 401. */
function refreshed(): void {
  const known = clock.value;
  if (!known) return;
  const rests = known.restsUntil - known.refreshedAt;
  const fresh = { expiresAt: now() + 10 * MINUTE, restsUntil: now() + rests, refreshedAt: now() };
  change(fresh);
  tellTabs({ say: "refreshed", ...fresh });
  sessionWarning.value = null;
}

async function look(): Promise<void> {
  const known = clock.value;
  if (!known || sessionEnded.value) return;
  change({ now: now() });
  const present = { ...known, now: now() };
  const near = endNear(present);
  if (near === "over") {
    // Only the refresh's own answer ends a session: another tab may have kept it.
    await stay();
  } else if (near === "rest") {
    sessionWarning.value = { kind: near, until: known.restsUntil };
  } else if (near === "end") {
    if (!isEndTold) sessionWarning.value = { kind: near, until: known.endsAt };
    isEndTold = true;
  } else if (isRefreshDue(present) && !isPaused()) {
    await stay();
  } else {
    sessionWarning.value = null;
  }
}
