// The server's clock as pages use it: asked for by HEADs of one static file at the edge, never of the API.

import { signal } from "@preact/signals";
import { CALENDAR } from "../facts/address";
import { estimate, isGoodEnough, nextSending, type Estimate, type Sample } from "./estimate";

/** A file that the edge serves. */
const CLOCK_FILE = CALENDAR;
/** The edge's own milliseconds of Unix time, on each answer (one is then enough); else `Date` and `Age` have to do. */
const MILLISECONDS_HEADER = "x-clock-ms";
const MOST_QUESTIONS = 6;
/** One answer may have had a slow way; where more are allowed, the quickest of some counts. */
const FEWEST_QUESTIONS = 3;

/** What is known of the server's clock; null before the first answer. */
export const serverClock = signal<Estimate | null>(null);

/** A clock that does not jump when somebody sets the computer's; on some computers it stands still while they sleep. */
export const local = () => performance.timeOrigin + performance.now();

/** By how much the computer's clock was ahead of `local` when the server's was last asked for. */
let wallAhead = Date.now() - local();
/** More is a computer that slept or a clock that somebody set. */
const DRIFT = 500;

const drift = () => Date.now() - local() - wallAhead;

function know(found: Estimate | null): void {
  wallAhead = Date.now() - local();
  serverClock.value = found;
}

/** The server's time now, or this computer's as long as no answer came. */
export function serverNow(): number {
  return serverClock.value ? local() + serverClock.value.offset : Date.now();
}

/** The server's time now if the computer slept since it was asked: the latest that it can be. */
export function latestServerNow(): number {
  return serverNow() + Math.max(0, drift());
}

/** Asks again, once, if the computer slept or its clock was set; says whether it was so. */
export async function checkServerClock(): Promise<boolean> {
  if (Math.abs(drift()) <= DRIFT) return false;
  await setServerClock(1);
  return true;
}

/** The server itself said what time it is, in an answer that just came. */
export function correctServerClock(serverTime: number): void {
  know({ offset: serverTime - local(), precision: 1000 });
}

async function ask(abort?: AbortSignal): Promise<Sample | null> {
  const sentAt = local();
  const request: RequestInit = { method: "HEAD", cache: "no-store", credentials: "omit" };
  if (abort) request.signal = abort;
  const answer = await fetch(CLOCK_FILE, request);
  const receivedAt = local();
  const exact = Number(answer.headers.get(MILLISECONDS_HEADER) ?? NaN);
  if (Number.isFinite(exact)) return { sentAt, receivedAt, serverTime: exact, cut: 1 };
  const date = Date.parse(answer.headers.get("date") ?? "");
  const age = Number(answer.headers.get("age") ?? 0);
  if (!Number.isFinite(date) || !Number.isFinite(age)) return null;
  return { sentAt, receivedAt, serverTime: date + age * 1000, cut: age > 0 ? 2000 : 1000 };
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

let running: Promise<void> | null = null;

async function hunt(questions: number, abort?: AbortSignal): Promise<void> {
  const samples: Sample[] = [];
  for (let n = 0; n < questions && !(n >= FEWEST_QUESTIONS && isGoodEnough(samples)); n += 1) {
    await pause(nextSending(samples, local()) - local());
    const sample = await ask(abort);
    if (!sample) return;
    samples.push(sample);
    know(estimate(samples));
  }
}

/**
 * Sets `serverClock`. Callers share one hunt; a failure leaves what is known. Public pages ask once (they show minutes),
 * the click-day page up to six times.
 */
export function setServerClock(questions: number = MOST_QUESTIONS, abort?: AbortSignal): Promise<void> {
  running ??= hunt(questions, abort)
    .catch(() => undefined)
    .finally(() => {
      running = null;
    });
  return running;
}
