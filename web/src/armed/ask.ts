// Arms or disarms many: a hundred to a request, one request after the other, since nothing is won by being early. What the store
// did not take, or what was lost on the way, is asked again: the API knows repetitions.

import { Problem } from "../api/problem";
import type { ArmedOutcomeView, ArmedSendsAnswer } from "../api/generated";

/** The API takes at most so many at once. */
const TOGETHER = 100;
/** Before what came to nothing is asked again. */
const FIRST_PAUSE = 400;
const PAUSES = [FIRST_PAUSE, 1200, 3000];
/** A longer wait than this is the page's to show. */
const LONGEST_WAIT = 5000;

/** How it is asked; tests put their own in. */
export interface AskPorts {
  send: (ids: string[]) => Promise<ArmedSendsAnswer>;
  pause: (ms: number) => Promise<void>;
  /** Called with what each request settled. */
  onAnswer: (settled: readonly ArmedOutcomeView[], opensAt: string | null) => void;
}

/** What was not settled, and why: nothing, where all were. */
export interface Left {
  ids: readonly string[];
  problem: Problem | null;
}

function waitAfter(error: unknown, pauseMs: number): number | null {
  if (!(error instanceof Problem) || !(error.isPassing || error.status === 429)) return null;
  const wait = error.retryAfterMs ?? pauseMs;
  return wait <= LONGEST_WAIT ? wait : null;
}

/** Asks for all; whoever stops early leaves the rest untouched. */
export async function ask(all: readonly string[], { send, pause, onAnswer }: AskPorts): Promise<Left> {
  const waiting = [...all];
  let failures = 0;
  while (waiting.length > 0) {
    const ids = waiting.slice(0, TOGETHER);
    let wait: number | null = null;
    try {
      const { outcomes, opens_at } = await send(ids);
      const settled = outcomes.filter(({ application, outcome }) => outcome !== "unavailable" && ids.includes(application));
      const isDone = new Set(settled.map(({ application }) => application));
      waiting.splice(0, ids.length, ...ids.filter((id) => !isDone.has(id)));
      if (settled.length > 0) {
        failures = 0;
        onAnswer(settled, opens_at ?? null);
        if (settled.length < ids.length) await pause(FIRST_PAUSE);
        continue;
      }
      wait = PAUSES[failures] ?? null;
      if (wait === null) return { ids: waiting, problem: null };
    } catch (error) {
      const pauseMs = PAUSES[failures];
      wait = pauseMs === undefined ? null : waitAfter(error, pauseMs);
      if (wait === null) {
        if (!(error instanceof Problem)) throw error;
        return { ids: waiting, problem: error };
      }
    }
    failures += 1;
    await pause(wait);
  }
  return { ids: [], problem: null };
}
