// Where the reader is: the address as a signal, links of our own origin followed without a reload.

import { signal } from "@preact/signals";

/** The parts of the address that pages read. */
export interface Place {
  path: string;
  search: string;
  hash: string;
}

const here = (): Place =>
  typeof location === "undefined"
    ? { path: "/", search: "", hash: "" }
    : { path: tidy(location.pathname), search: location.search, hash: location.hash };

/** `/calendario/` and `/calendario` are one page. */
export function tidy(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** The present address. */
export const place = signal<Place>(here());

/** How to go to a page. */
export interface Going {
  /** Takes the place of the present entry of the history. */
  replace?: boolean;
  /** Kept with the entry (`history.state.page`), never in the address: names, codes, filters on persons. */
  state?: unknown;
}

/** Goes to a page of the portal. */
export async function navigate(href: string, { replace = false, state = null }: Going = {}): Promise<void> {
  const target = new URL(href, location.href);
  if (target.origin !== location.origin || target.pathname.startsWith("/api/")) {
    location.assign(target);
    return;
  }
  const entry = { page: state, scroll: 0 };
  if (!replace) history.replaceState({ ...history.state, scroll: scrollY }, "");
  if (replace) history.replaceState(entry, "", target);
  else history.pushState(entry, "", target);
  place.value = here();
}

/** What was kept with the present entry of the history. */
export function pageState(): unknown {
  return (history.state as { page?: unknown } | null)?.page ?? null;
}

/** Keeps something with the present entry of the history. */
export function keepPageState(state: unknown): void {
  history.replaceState({ ...history.state, page: state }, "");
}

/** Puts a page in the place of this one and loads the whole site anew, so that nothing stays in memory but `state`. */
export function loadAnew(href: string, state: unknown): void {
  history.replaceState({ page: state, scroll: 0 }, "", href);
  location.reload();
}

function linkOf(event: MouseEvent): HTMLAnchorElement | null {
  const link = (event.target as Element | null)?.closest("a[href]");
  if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute("download") || "native" in link.dataset) return null;
  return link.origin === location.origin && !link.pathname.startsWith("/api/") && !/\.[a-z0-9]+$/i.test(link.pathname)
    ? link
    : null;
}

/** Follows links without a reload; called once, when the page starts. Links with a dot in the path are files. */
export function followLinks(): void {
  history.scrollRestoration = "manual";
  addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = linkOf(event);
    if (!link) return;
    // A place on this page is the browser's own affair (skip links, error summaries).
    if (link.hash && tidy(link.pathname) === place.value.path && link.search === location.search) return;
    event.preventDefault();
    void navigate(link.href);
  });
  addEventListener("popstate", () => {
    place.value = here();
  });
  addEventListener("hashchange", () => {
    place.value = here();
  });
}
