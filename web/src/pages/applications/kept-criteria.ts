// The criteria of a search on persons: in this tab's storage, which «Esci» empties; the history keeps only a number for them,
// because nobody could take names out of its older entries.

import type { SearchRequest } from "../../api/generated";

const PREFIX = "portal-search-";

/** Keeps criteria; gives the number under which the history finds them. */
export function keepCriteria(criteria: SearchRequest): number {
  const number = Date.now();
  try {
    sessionStorage.setItem(PREFIX + number, JSON.stringify(criteria));
  } catch {
    // Without storage a reload forgets the search.
  }
  return number;
}

/** The criteria of an entry of the history. */
export function keptCriteria(state: unknown): SearchRequest | null {
  const number = (state as { search?: unknown } | null)?.search;
  if (typeof number !== "number") return null;
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + number) ?? "null") as SearchRequest | null;
  } catch {
    return null;
  }
}
