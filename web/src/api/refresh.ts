// Renews the access token: by one tab for all of them, since a refresh token that is used twice ends the session.

import { signal } from "@preact/signals";

/** Only a 401 of the refresh itself sets it: then the shell asks to sign in again. */
export const sessionEnded = signal(false);

/** Whether this page has seen a session: without one nothing can end, and the person simply has to sign in. */
export const hadSession = signal(false);

/** How often this page renewed the token. */
export const refreshes = signal(0);

/** When any tab last renewed the token. No personal datum, and gone at «Esci» with the rest. */
const STAMP = "portal-session-refreshed";
const LOCK = "portal-session-refresh";

/** `failed`: no word about the session came back, and it may live on; with what came in its place, null when nothing did. */
export type Refreshed = { outcome: "refreshed" } | { outcome: "over" } | { outcome: "failed"; answer: Response | null };

/** The portal did not judge the session, so the same request may pass later: 503, whatever went wrong there. */
async function failure(answer: Response): Promise<Response> {
  const status = answer.status >= 500 ? 503 : answer.status;
  return new Response(await answer.text(), { status, headers: answer.headers });
}

function lastRefresh(): number {
  try {
    return Number(localStorage.getItem(STAMP) ?? 0);
  } catch {
    return 0;
  }
}

function stamp(): void {
  try {
    localStorage.setItem(STAMP, String(Date.now()));
  } catch {
    // Without storage each tab refreshes for itself; the API bears refreshes that cross.
  }
}

async function refresh(): Promise<Refreshed> {
  try {
    const answer = await fetch("/api/session/refresh", { method: "POST", credentials: "same-origin", cache: "no-store" });
    if (!answer.ok && answer.status !== 401) return { outcome: "failed", answer: await failure(answer) };
    // An answer that nobody reads would keep its connection.
    void answer.body?.cancel();
    if (!answer.ok) return { outcome: "over" };
    stamp();
    refreshes.value += 1;
    return { outcome: "refreshed" };
  } catch {
    return { outcome: "failed", answer: null };
  }
}

/** Renews the token, unless another tab has done so since `since` (by this computer's clock). */
export async function refreshSession(since: number): Promise<Refreshed> {
  const unlessDone = async (): Promise<Refreshed> => (lastRefresh() > since ? { outcome: "refreshed" } : refresh());
  if (!("locks" in navigator)) return unlessDone();
  return navigator.locks.request(LOCK, unlessDone);
}
