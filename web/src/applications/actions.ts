// What may be done with an application, as links to the pages that do it. An action without a page is no button.

import type { ActionView, ApplicationView } from "../api/generated";
import { ifThere, STILL_TO_COME } from "../routing/pages";
import { texts } from "../texts/it/applications";
import { asksApplicant } from "./terms";

/** Something to be done on a page. */
export interface Doing {
  action: string;
  label: string;
  href: string;
}

/** What cannot be done yet, as the API says it. */
export interface Waiting {
  action: string;
  sentence: string;
  opensAt: string | null;
}

type Of = Pick<ApplicationView, "id" | "campaign" | "model" | "percent"> & { allowed: readonly ActionView[] };

/** The page of an action below `/domande/{id}`. The order is that of importance: the first one is the next step. */
const PAGES: readonly (readonly [string, string])[] = [
  ["confirm", "conferma"],
  ["renounce", "conferma"],
  ["undo-renunciation", "conferma"],
  ["provide-integration", "integrazione"],
  ["object", "osservazioni"],
  ["upload-contract", "contratto"],
  ["enter-entry-data", "ingresso"],
  ["enter-agreement-data", "accordo"],
  ["upload-agreement", "accordo"],
  ["submit", ""],
  ["arm", ""],
  ["verify-code", "codice"],
  ["save", "compila"],
  ["ask-new-code", "codice"],
  ["download-receipt", "ricevuta"],
  ["read-communications", "comunicazioni"],
  ["disarm", ""],
  ["withdraw", "ritiro"],
  ["block", "blocco"],
  ["delete", "elimina"],
];
/** What a person is asked for; the others can be done at any time. */
const STEPS = ["confirm", "provide-integration", "object", "upload-contract", "enter-entry-data", "enter-agreement-data", "upload-agreement", "submit", "arm", "verify-code", "save"];

const endOf = (action: string) => PAGES.find(([name]) => name === action)?.[1];

function pageOf(of: Of, action: string): string | null {
  const sending = `/invio/${encodeURIComponent(of.campaign)}/${encodeURIComponent(of.model)}`;
  if (action === "submit") return ifThere(sending);
  if (action === "arm" || action === "disarm") return ifThere(`${sending}/prenotato`) && `${sending}/prenotato?domanda=${encodeURIComponent(of.id)}`;
  const end = endOf(action);
  return end === undefined ? null : ifThere(`/domande/${encodeURIComponent(of.id)}/${end}`);
}

const rank = (action: string) => PAGES.findIndex(([name]) => name === action);

/** What can be done now, most important first; two actions with one page are one link. */
export function doings(of: Of): Doing[] {
  // What is complete is changed, and not filled in, also where something else keeps it from being sent.
  const isComplete = of.percent === 100 || of.allowed.some(({ action }) => action === "submit");
  const fillIn = isComplete ? texts.change : texts.fillIn;
  const found = of.allowed
    .filter(({ closed }) => !closed)
    .flatMap(({ action, label }) => {
      const href = pageOf(of, action);
      return href ? [{ action, label: action === "save" ? fillIn : label, href }] : [];
    })
    .sort((a, b) => rank(a.action) - rank(b.action));
  return found.filter((one, n) => found.findIndex(({ href }) => href === one.href) === n);
}

/** The one next step, where a person has to take one. */
export function nextStep(of: Of): Doing | null {
  return doings(of).find(({ action }) => STEPS.includes(action)) ?? null;
}

/** What the calendar does not let happen yet: a sentence, which needs no page. */
export function waitings(of: Of): Waiting[] {
  return of.allowed.flatMap(({ action, closed, opens_at }) =>
    closed ? [{ action, sentence: closed, opensAt: opens_at ?? null }] : [],
  );
}

/** Of what is complete and waits for the opening: when that is, as the API says it, and the page on which a person then sends it. */
export function laterSending(of: Of): { sentence: string; href: string | null } | null {
  const waiting = waitings(of).find(({ action, opensAt }) => action === "submit" && opensAt !== null);
  return waiting ? { sentence: waiting.sentence, href: pageOf(of, "submit") } : null;
}

/**
 * Answers that are asked for and whose page is still to come, by their labels: until then people are told whom to write to.
 * They stand in one sentence, «Conferma o rinuncia».
 */
export function answersWithoutPage(of: Of): string[] {
  return of.allowed
    .filter(({ action }) => STILL_TO_COME.some((end) => end === endOf(action)))
    .map(({ label }, n) => (n === 0 ? label : label.charAt(0).toLowerCase() + label.slice(1)));
}

/**
 * Whether it waits for an answer that no page gives yet, or that who reads it may not give as signed in: the page of the case
 * says what to do. Who has renounced is asked for nothing, though it can still be undone.
 */
export function waitsForAnswer(of: Of & Pick<ApplicationView, "state" | "term">): boolean {
  if (nextStep(of) !== null || of.state === "renouncing") return false;
  return answersWithoutPage(of).length > 0 || (!!of.term && asksApplicant(of.term));
}
