// The services of the personal area as menu entries: `session.services` says which, this table says on which page.

import type { ServiceView, SessionView } from "../api/generated";
import type { PagePath } from "../routing/pages";
import { it } from "../texts/it";

/** Service code of the API → page. A service that is not here has no page yet, and then no entry anywhere. */
const PAGES: Partial<Record<string, PagePath>> = {
  home: "/area",
  "start-application": "/domande/nuova",
  applications: "/domande",
  search: "/domande/ricerca",
  communications: "/comunicazioni",
  "personal-data": "/utenza/dati",
  "close-account": "/utenza/chiusura",
};

/** A page that a service has beside its first one. The privacy notice promises it under this name. */
const BESIDE: Partial<Record<string, { page: PagePath; label: string }>> = { "personal-data": { page: "/utenza/esporta", label: it.menu.exportData } };

/** What is done once: the area has it, the menu has no room. */
const ONCE: readonly string[] = ["close-account"];

/** A menu entry. */
export interface MenuEntry {
  href: string;
  label: string;
  /** Whether the menu has it; the area has all. */
  isInMenu: boolean;
  /** Why it cannot be used as signed in now; none when it can. */
  why: string | null;
}

function entry({ service, label, available, why }: ServiceView): MenuEntry[] {
  const href = PAGES[service];
  if (!href) return [];
  const closed = available ? null : (why ?? null);
  const beside = BESIDE[service];
  return [
    { href, label, isInMenu: !ONCE.includes(service), why: closed },
    ...(beside ? [{ href: beside.page, label: beside.label, isInMenu: false, why: closed }] : []),
  ];
}

/** The entries of who is signed in, in the API's order. */
export function menuOf(view: SessionView): MenuEntry[] {
  return view.services.flatMap(entry);
}
