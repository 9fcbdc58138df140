// The page to which a sign-in leads, kept in this tab: who presses «Entra con SPID» before the sign-in's script has run, or is
// refused there and tries again, comes back all the same. The address of the link says it first; this is for where it cannot.

const KEY = "portal-way-back";

/** Keeps a page of ours with its query; nothing personal is in addresses. */
export function keepWayBack(path: string): void {
  try {
    sessionStorage.setItem(KEY, path);
  } catch {
    // Without storage the sign-in leads to the personal area.
  }
}

/** The page that is kept, if any. */
export function wayBack(): string | null {
  try {
    const path = sessionStorage.getItem(KEY);
    // Another site's address would begin with two.
    return path !== null && /^\/(?![/\\])/.test(path) ? path : null;
  } catch {
    return null;
  }
}

/** The same, once: whoever is signed in has arrived. */
export function takeWayBack(): string | null {
  const path = wayBack();
  if (path !== null) sessionStorage.removeItem(KEY);
  return path;
}
