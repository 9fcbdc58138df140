// A registration that waits for its activation, kept in this tab: its opaque name and its end, nothing of the person.

/** A registration. */
export interface Waiting {
  registration: string;
  expires: string;
  /** The API's words; only just after the registration. */
  message?: string;
}

const KEY = "portal-registration";

/** Keeps it, so that a reload, or the letter opened in this tab, knows which one. */
export function keepWaiting({ registration, expires }: Waiting): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ registration, expires }));
  } catch {
    // Without storage another letter can be asked for until the page is left.
  }
}

/** The one that waits, unless it is over. */
export function keptWaiting(isAhead: (expires: string) => boolean): Waiting | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null) return null;
    const { registration, expires } = kept as Partial<Waiting>;
    return typeof registration === "string" && typeof expires === "string" && isAhead(expires) ? { registration, expires } : null;
  } catch {
    return null;
  }
}

/** Nothing waits any more. */
export function forgetWaiting(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
