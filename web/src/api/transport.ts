// How requests travel: on our own origin with our cookies, reads repeated when the portal does not answer, one refresh of
// the session when a token is over.

import { connection } from "./connection";
import { hadSession, refreshSession, sessionEnded } from "./refresh";

/** Pauses before a read is repeated, in milliseconds. */
const PAUSES = [400, 1200, 3000];
/** A longer wait than this is the page's to show, not ours to hide. */
const LONGEST_WAIT = 5000;

const isPassing = (status: number) => status === 502 || status === 503 || status === 504;

function pause(ms: number, abort?: AbortSignal | null): Promise<void> {
  return new Promise((done, fail) => {
    abort?.throwIfAborted();
    const timer = setTimeout(done, ms);
    abort?.addEventListener("abort", () => {
      clearTimeout(timer);
      fail(abort.reason);
    });
  });
}

function waitOf(answer: Response | null, pauseMs: number): number {
  const seconds = Number(answer?.headers.get("retry-after") ?? NaN);
  // Spread, so that everybody does not come back in the same instant.
  return (Number.isFinite(seconds) ? seconds * 1000 : pauseMs) * (1 + Math.random() / 4);
}

async function once(url: string, init: RequestInit): Promise<Response> {
  // No cache ever holds what only one person may read; the API says the same.
  return fetch(url, { ...init, credentials: "same-origin", cache: "no-store", redirect: "manual" });
}

async function patiently(url: string, init: RequestInit): Promise<Response> {
  const isRead = (init.method ?? "GET").toUpperCase() === "GET";
  if (!isRead) return once(url, init);
  try {
    for (const pauseMs of PAUSES) {
      let answer: Response | null = null;
      try {
        answer = await once(url, init);
      } catch (error) {
        if (init.signal?.aborted) throw error;
      }
      if (answer && !isPassing(answer.status)) return answer;
      const wait = waitOf(answer, pauseMs);
      if (answer && wait > LONGEST_WAIT) return answer;
      if (connection.value === "good") connection.value = "retrying";
      await pause(wait, init.signal);
    }
    return await once(url, init);
  } finally {
    // Whatever the end: nobody retries any more.
    if (connection.value === "retrying") connection.value = "good";
  }
}

/**
 * The `fetch` of the generated client. A 401 that it gives back is the portal's last word about the session: where the
 * refresh failed for another reason, that reason is the answer, or no answer is.
 */
export async function portalFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const url = input instanceof Request ? input.url : String(input);
  const startedAt = Date.now();
  const answer = await patiently(url, init);
  if (answer.status !== 401) return answer;
  const refreshed = await refreshSession(startedAt);
  if (refreshed.outcome === "over") {
    if (hadSession.value) sessionEnded.value = true;
    return answer;
  }
  void answer.body?.cancel();
  if (refreshed.outcome === "refreshed") return patiently(url, init);
  if (refreshed.answer) return refreshed.answer;
  throw new TypeError("the session could not be renewed");
}
