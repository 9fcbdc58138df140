// Who is signed in. Only private pages ask the API; public pages show a link by a hint that holds no personal datum.

import { signal } from "@preact/signals";
import { api, call, Problem } from "../api/client";
import type { SessionView } from "../api/generated";
import { hadSession, sessionEnded } from "../api/refresh";
import { eraseInput, eraseInputOfOthers } from "../form/draft/erase-input";
import { place } from "../routing/location";
import { placeToResume } from "./resume";
import { takeWayBack } from "./way-back";

/** What is known of the session. */
export type Session =
  | { state: "unknown" }
  | { state: "signed-out" }
  | { state: "signed-in"; view: SessionView }
  | { state: "failed"; problem: Problem };

/** The session as last asked. */
export const session = signal<Session>({ state: "unknown" });

const HINT = "portal-signed-in";

/** Whether somebody signed in on this browser and did not sign out: for the header of public pages only. */
export function probablySignedIn(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return false;
  }
}

function remember(isSignedIn: boolean): void {
  try {
    if (isSignedIn) localStorage.setItem(HINT, "1");
    else localStorage.removeItem(HINT);
  } catch {
    // Without storage the header offers to sign in, and nothing else changes.
  }
}

/**
 * «Esci» in one tab is «Esci» in all: what others show is erased with it. Called once, when the page starts. Only «Esci» clears
 * the whole storage: a tab that merely found the session over takes nothing from the others, where unsaved input waits.
 */
export function followSignOut(): void {
  addEventListener("storage", ({ key }) => {
    if (key === null && session.value.state === "signed-in") void eraseInput().finally(() => location.assign("/"));
  });
}

let asking: Promise<void> | null = null;

async function ask(): Promise<void> {
  try {
    const { data } = await call((options) => api.currentSession(options));
    await eraseInputOfOthers(data.account);
    await forgetOthers(data.account);
    const back = takeWayBack();
    // A sign-in that was told no page leads to the personal area.
    if (back !== null && place.value.path === "/area") {
      location.replace(back);
      return;
    }
    session.value = { state: "signed-in", view: data };
    hadSession.value = true;
    sessionEnded.value = false;
    remember(true);
    void import("./keeper").then(({ keepAlive }) => keepAlive(data));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401) {
      remember(false);
      session.value = { state: "signed-out" };
    } else {
      session.value = { state: "failed", problem: error };
    }
  }
}

/** Whose input this tab keeps. */
const OWNER = "portal-owner";

/** What one account left in this tab is gone before another one sees a page. */
async function forgetOthers(account: string): Promise<void> {
  try {
    const owner = sessionStorage.getItem(OWNER);
    if (owner !== null && owner !== account) await erase();
    sessionStorage.setItem(OWNER, account);
  } catch {
    // A browser without storage kept nothing.
  }
}

async function erase(): Promise<void> {
  for (const cleaner of cleaners) await cleaner();
  await eraseInput();
  try {
    sessionStorage.clear();
    localStorage.clear();
  } catch {
    // A browser without storage kept nothing.
  }
}

/** Asks who is signed in; callers share one request. */
export function loadSession(): Promise<void> {
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}

type Cleaner = () => void | Promise<void>;
const cleaners = new Set<Cleaner>();

/** What must be gone from this browser at «Esci» (unsent input, keys): called before the API is told. */
export function atSignOut(cleaner: Cleaner): () => void {
  cleaners.add(cleaner);
  return () => cleaners.delete(cleaner);
}

type Warning = () => string | null | Promise<string | null>;
const warnings = new Set<Warning>();

/** What «Esci» would lose, asked for each time: a sentence, or null when nothing. Gives back how to stop. */
export function warnAtSignOut(warning: Warning): () => void {
  warnings.add(warning);
  return () => warnings.delete(warning);
}

/** The question that the shell shows before «Esci» loses something; null when there is none. */
export const signOutQuestion = signal<string | null>(null);

/** What leaving now would lose, in a sentence; null when nothing. */
export async function lostAtSignOut(): Promise<string | null> {
  const lost = (await Promise.all([...warnings].map((warning) => warning()))).filter((text) => text !== null);
  return lost.length > 0 ? lost.join(" ") : null;
}

/** Why «Esci» did not end the session, as the shell tells it; null when nothing failed. */
export const signOutFailure = signal<Problem | null>(null);

const goHome = () => location.assign("/");
/** Where «Esci» leads. */
let afterwards: () => void = goHome;

/** «Esci» was pressed: asks first where something would be lost. */
export async function askToSignOut(then: () => void = goHome): Promise<void> {
  afterwards = then;
  const lost = await lostAtSignOut();
  if (lost !== null) signOutQuestion.value = lost;
  else await signOut();
}

/**
 * Erases what pages kept, ends the session, and loads the home page anew so that nothing stays in memory. Where the portal
 * does not answer the person is still signed in, and the shell says so until it is done.
 */
export async function signOut(): Promise<void> {
  await erase();
  try {
    await call((options) => api.signOut(options));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // A session that is over needs no end.
    if (error.status !== 401) {
      // The cookies are still there: no page may look signed out.
      remember(true);
      signOutQuestion.value = null;
      signOutFailure.value = error;
      return;
    }
  }
  afterwards();
}

/** Ends all sessions of the person, this one included, then erases what pages kept. A refusal is thrown: nothing has ended. */
export async function signOutEverywhere(): Promise<void> {
  await call((options) => api.signOutEverywhere(options));
  await erase();
}

/** Erases what pages kept for a session that the API has just ended. */
export const forgetEndedSession = erase;

/** The API ended sessions of an account that may be the one of this browser: asks anew who is signed in, if anybody was. */
export async function askWhoIsLeft(): Promise<void> {
  if (!probablySignedIn()) return;
  // Whoever ended it themselves is not told that it is over.
  hadSession.value = false;
  await loadSession();
}

/** Where to sign in so as to come back to the present page, section and field. */
export function signInLink(path: string = placeToResume()): string {
  return `/accesso?verso=${encodeURIComponent(path)}`;
}
