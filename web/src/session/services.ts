// The services of the personal area as menu entries: `session.services` says which, this table says on which page.

import type { ServiceView, SessionView } from "../api/generated";
import type { PagePath } from "../routing/pages";

/** Service code of the API → page. A service that is not here has no page yet, and then no entry anywhere. */
const PAGES: Partial<Record<string, PagePath>> = {
  home: "/area",
  "start-application": "/domande/nuova",
  applications: "/domande",
  search: "/domande/ricerca",
  communications: "/comunicazioni",
  "personal-data": "/utenza/dati",
};

/** A menu entry. */
export interface MenuEntry {
  href: string;
  label: string;
  /** Why it cannot be used as signed in now; none when it can. */
  why: string | null;
}

function entry({ service, label, available, why }: ServiceView): MenuEntry[] {
  const href = PAGES[service];
  return href ? [{ href, label, why: available ? null : (why ?? null) }] : [];
}

/** The menu of who is signed in, in the API's order. */
export function menuOf(view: SessionView): MenuEntry[] {
  return view.services.flatMap(entry);
}
