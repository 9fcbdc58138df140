// What a person has to do now and what others do, out of applications and counts by state. Pure.

import type { ApplicationView } from "../api/generated";
import { milliseconds } from "../dates/instant";
import { nextStep, type Doing } from "./actions";

/** An application that waits for the person. */
export interface Task {
  application: ApplicationView;
  step: Doing | null;
  /** Until when, in milliseconds; null where nothing presses. */
  until: number | null;
}

/** Complete, and not sent unless a person sends it. */
export const READY = "to-send";
/** States in which somebody else acts; a renunciation becomes final by itself. */
const OTHERS_ACT = ["armed", "blocked", "submitted", "blocked-after-sending", "in-review", "granted", "renouncing", "confirmed", "expired-to-verify", "contract-uploaded", "contract-sent", "contract-overdue", "contract-validated"];
/** States after which nothing more is to be done. */
const OVER = ["refused", "renounced", "revoked", "modules-issued", "archived"];
/** States without a term, of which an operator may have hundreds: they are told as a number. */
const BY_NUMBER = ["to-validate", "to-complete", READY];

/** Until when the person has to act, where a term or a code runs out. */
export function deadlineOf({ term, activation }: ApplicationView): number | null {
  if (term && (term.who_acts ?? "applicant") === "applicant") return milliseconds(term.ends_at);
  return activation?.expires_at ? milliseconds(activation.expires_at) : null;
}

/** A term of the applicant's asks for something even where its page is still to come; the validity of what was granted does not. */
const isTask = (application: ApplicationView) =>
  !OTHERS_ACT.includes(application.state) && (nextStep(application) !== null || application.term?.who_acts === "applicant");

/** Those with a deadline, the nearest first; then the others, as they came. */
export function tasks(applications: readonly ApplicationView[]): Task[] {
  const all = applications
    .filter(isTask)
    .map((application) => ({ application, step: nextStep(application), until: deadlineOf(application) }));
  return byDeadline(all);
}

/** The nearest deadline first, those without one last; equal ones keep their order. */
export function byDeadline<T extends { until: number | null }>(all: readonly T[]): T[] {
  return [...all].sort((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity) || 0);
}

/** A state with its number. */
export interface Count {
  state: string;
  number: number;
}

type Counts = Partial<Record<string, number>>;

const counted = (states: readonly string[], counts: Counts): Count[] =>
  states.flatMap((state) => {
    const number = counts[state] ?? 0;
    return number > 0 ? [{ state, number }] : [];
  });

/** How many wait for others, by state. */
export const waitingForOthers = (counts: Counts) => counted(OTHERS_ACT, counts);

/** How many the person can go on with at any time, by state; without those that are shown one by one. */
export function openByNumber(counts: Counts, shown: readonly Pick<ApplicationView, "state">[] = []): Count[] {
  const rest = { ...counts };
  for (const { state } of shown) rest[state] = (rest[state] ?? 0) - 1;
  return counted(BY_NUMBER, rest);
}

/** The states whose applications have terms, of those that there are: they are read even where the list is long. */
export function statesWithTerms(counts: Counts): string[] {
  const without = [...BY_NUMBER, ...OTHERS_ACT, ...OVER];
  return Object.keys(counts).filter((state) => (counts[state] ?? 0) > 0 && !without.includes(state));
}
