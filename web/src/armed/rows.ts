// The applications of one model on the page of armed sends, and what answers make of them. Pure.

import type { ApplicationView, ArmedOutcomeView } from "../api/generated";
import { listed, type Listed } from "../sending/list";

/** Arm or disarm. */
export type Wish = "arm" | "disarm";

/** How one stands. */
export interface ArmedRow extends Listed {
  state: "ready" | "armed" | "sent";
  /** It can be armed, or disarmed, as the API says. */
  canChange: boolean;
  /** Why the last wish came to nothing, in the API's words. */
  refused: string | null;
  receiptCode: string | null;
  arrival: string | null;
}

export type Rows = ReadonlyMap<string, ArmedRow>;

const may = (row: ApplicationView, wanted: string) => row.allowed.some(({ action, closed }) => action === wanted && !closed);

function rowOf(view: ApplicationView, state: ArmedRow["state"], canChange: boolean): ArmedRow {
  return { ...listed(view), state, canChange, refused: null, receiptCode: view.receipt_code ?? null, arrival: view.arrival ?? null };
}

/** What was read before the opening: what is ready and may be armed, and what is armed. */
export function rowsBefore(ready: readonly ApplicationView[], armed: readonly ApplicationView[]): Rows {
  const all = [
    ...ready.filter((view) => may(view, "arm")).map((view) => rowOf(view, "ready", true)),
    ...armed.map((view) => rowOf(view, "armed", may(view, "disarm"))),
  ];
  return new Map(all.map((row) => [row.id, row]));
}

/** From the opening on nothing is disarmed, and what was only ready is the affair of another page. */
export function atOpening(rows: Rows): Rows {
  return new Map([...rows].filter(([, { state }]) => state !== "ready").map(([id, row]) => [id, { ...row, canChange: false, refused: null }]));
}

/**
 * What was read after the opening. `sent` are all that were sent of the model: those that arrived at the opening were armed, and
 * those that stood here as armed, whose arrival may be later. The list may be a minute late: what stood here stays until its
 * receipt is there.
 */
export function rowsAfter(before: Rows, armed: readonly ApplicationView[], sent: readonly ApplicationView[], openedAt: string): Rows {
  const rows = new Map(atOpening(before));
  for (const view of armed) rows.set(view.id, rowOf(view, "armed", false));
  const opening = Date.parse(openedAt);
  for (const view of sent) {
    if (rows.has(view.id) || Date.parse(view.arrival ?? "") === opening) rows.set(view.id, rowOf(view, "sent", false));
  }
  return rows;
}

const ARMED: readonly string[] = ["armed", "already-armed"];
const READY: readonly string[] = ["disarmed", "not-armed"];

/** What was answered for some: armed or ready again, or as before with the reason. */
export function after(rows: Rows, outcomes: readonly ArmedOutcomeView[]): Rows {
  const next = new Map(rows);
  for (const { application, outcome, problem } of outcomes) {
    const row = next.get(application);
    if (!row) continue;
    if (ARMED.includes(outcome)) next.set(application, { ...row, state: "armed", canChange: true, refused: null });
    else if (READY.includes(outcome)) next.set(application, { ...row, state: "ready", canChange: true, refused: null });
    else next.set(application, { ...row, refused: problem?.detail ?? problem?.title ?? outcome });
  }
  return next;
}

/** How many got what was wished, and how many did not. */
export function told(wish: Wish, outcomes: readonly ArmedOutcomeView[]): { done: number; refused: number } {
  const good = wish === "arm" ? ARMED : READY;
  const done = outcomes.filter(({ outcome }) => good.includes(outcome)).length;
  return { done, refused: outcomes.length - done };
}
