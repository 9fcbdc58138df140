// Every page of the site: the address, what loads it, who may open it, whether it is written at build time.
// A page that is not here does not exist: menus and links are typed by this table.

import type { ComponentType } from "preact";
import { filled, find, type Params } from "./match";

/** What each page gets. */
export interface PageProps {
  params: Params;
}

interface PageModule {
  default: ComponentType<PageProps>;
  /** What must be here before the page is first shown (and written by the build). */
  prepare?: (params: Params) => Promise<void>;
}

/** One page. */
export interface PageEntry {
  load: () => Promise<PageModule>;
  /** `public` pages ask the API nothing before a press; `private` ones open after a sign-in. */
  access: "public" | "private";
  /** Written to static HTML by the build; a list where the address has a variable part. */
  prerender: boolean | readonly string[];
}

const open = (load: PageEntry["load"], prerender: PageEntry["prerender"] = true): PageEntry => ({ load, access: "public", prerender });
/** A page behind the sign-in; the helpers that build the areas use it. */
export const closed = (load: PageEntry["load"]): PageEntry => ({ load, access: "private", prerender: false });

/** The models that have a page of their own. */
export const MODELS = ["c-stag-agricoltura", "c-stag-turismo", "b2020", "a-bis"] as const;

/** The table. */
export const pages = {
  "/": open(() => import("../pages/public/home")),
  "/calendario": open(() => import("../pages/public/calendar")),
  "/come-funziona": open(() => import("../pages/public/how-it-works")),
  "/modelli": open(() => import("../pages/public/models")),
  "/modelli/:model": open(() => import("../pages/public/model"), MODELS),
  "/verifica-ricevuta": open(() => import("../pages/public/verify-receipt")),
  "/stato": open(() => import("../pages/public/status")),
  "/avvisi": open(() => import("../pages/public/notices")),
  "/aiuto": open(() => import("../pages/public/help")),
  "/documenti": open(() => import("../pages/public/documents")),
  "/privacy": open(() => import("../pages/public/privacy")),
  "/privacy/:version": open(() => import("../pages/public/privacy"), false),
  "/accessibilita": open(() => import("../pages/public/accessibility")),
  "/note-legali": open(() => import("../pages/public/legal")),
  "/manutenzione": open(() => import("../pages/public/maintenance")),
  "/accesso": open(() => import("../pages/access/sign-in")),
  "/accesso/esito": open(() => import("../pages/access/outcome")),
  // Three of them stand in letters, with a secret after `#` (shared/domain/src/letter.rs).
  "/utenza/registrazione": open(() => import("../pages/account/registration"), false),
  "/utenza/attivazione": open(() => import("../pages/account/activation"), false),
  "/utenza/recupero": open(() => import("../pages/account/recovery"), false),
  "/utenza/nuova-password": open(() => import("../pages/account/new-password"), false),
  "/utenza/conferma-email": open(() => import("../pages/account/confirm-address"), false),
  "/utenza/dati": closed(() => import("../pages/account/own-data")),
  "/utenza/esporta": closed(() => import("../pages/account/export-data")),
  "/utenza/chiusura": closed(() => import("../pages/account/close-account")),
  // Whoever reads it is not signed in any more.
  "/utenza/chiusa": open(() => import("../pages/account/account-closed"), false),
  "/utenza/non-lavoro-per-questo-ente": closed(() => import("../pages/account/decline")),
  "/area": closed(() => import("../pages/area/area")),
  "/domande": closed(() => import("../pages/applications/list")),
  "/domande/ricerca": closed(() => import("../pages/applications/search")),
  "/domande/inviate": closed(() => import("../pages/applications/sent")),
  "/domande/pronte": closed(() => import("../pages/applications/ready")),
  "/domande/nuova": closed(() => import("../pages/start/start")),
  "/domande/:id": closed(() => import("../pages/application/application")),
  "/domande/:id/codice": closed(() => import("../pages/application/code")),
  "/domande/:id/elimina": closed(() => import("../pages/application/remove")),
  "/domande/:id/blocco": closed(() => import("../pages/application/block")),
  "/domande/:id/ricevuta": closed(() => import("../pages/application/receipt")),
  "/domande/:id/comunicazioni": closed(() => import("../pages/communications/one")),
  "/comunicazioni": closed(() => import("../pages/communications/all")),
  "/domande/:id/compila/controlla": closed(() => import("../pages/fill-in/review")),
  "/domande/:id/compila/conflitto": closed(() => import("../pages/fill-in/conflict")),
  "/domande/:id/compila/:section?": closed(() => import("../pages/fill-in/fill-in")),
  "/invio/:campaign/:model": closed(() => import("../pages/sending/sending")),
  "/invio/:campaign/:model/prenotato": closed(() => import("../pages/armed/armed")),
  // For who works on pages: every component in each of its states. Not in menus.
  "/componenti": open(() => import("../pages/developers/components"), false),
} satisfies Record<string, PageEntry>;

/** The addresses that exist. */
export type PagePath = keyof typeof pages;

/** The page of a path. */
export function pageOf(path: string): { pattern: PagePath; entry: PageEntry; params: Params } | null {
  const found = find(Object.keys(pages) as PagePath[], path);
  return found && { ...found, entry: pages[found.pattern] };
}

/** Pages of a case that letters name and that are not here yet: the case itself says what is asked for and whom to write to. */
export const STILL_TO_COME = ["integrazione", "osservazioni", "conferma", "ingresso", "contratto", "accordo", "kit"] as const;

/** What the reader of an address gets: its page, or the case to which a page that is still to come belongs. */
export function shownAt(path: string): ReturnType<typeof pageOf> {
  const found = pageOf(path);
  if (found) return found;
  const ofCase = find(STILL_TO_COME.map((end) => `/domande/:id/${end}`), path);
  return ofCase && pageOf(to("/domande/:id", ofCase.params));
}

/** A link to a page that exists: `to("/modelli/:model", { model })`. */
export function to(page: PagePath, params: Params = {}): string {
  return filled(page, params);
}

/** The address if it has a page: for buttons that wait for theirs. */
export function ifThere(path: string): string | null {
  return pageOf(path) ? path : null;
}
