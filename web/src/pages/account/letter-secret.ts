// The secret of a letter's link: what follows `#`, which browsers send to no server. It leaves the address bar at once and stays
// in this tab until it is used, so that a reload loses nothing.

import { useEffect, useState } from "preact/hooks";
import { navigate, place } from "../../routing/location";

/** How a link arrived. `damaged`: something follows `#`, but not all of it. */
export type Secret = { state: "looking" } | { state: "none" } | { state: "damaged" } | { state: "here"; token: string };

/** A keyed hash in base64url; the API judges whether it is one of its own. */
const WHOLE = /^[\w-]{40,100}$/;

const keyOf = (path: string) => `portal-letter ${path}`;

/** Keeps it in this tab for a page; without storage it is gone after a reload, and the letter still has it. */
export function keepSecret(path: string, token: string): void {
  try {
    sessionStorage.setItem(keyOf(path), token);
  } catch {
    // See above.
  }
}

function kept(path: string): string | null {
  try {
    return sessionStorage.getItem(keyOf(path));
  } catch {
    return null;
  }
}

/** The secret with which the present page was opened, and how to forget it once it is used or found bad. */
export function useLetterSecret(): [secret: Secret, forget: () => void] {
  const [secret, setSecret] = useState<Secret>({ state: "looking" });
  const { path, search, hash } = place.value;
  useEffect(() => {
    const typed = hash.slice(1);
    // A skip link or a link to a field is a place on this page.
    const isPlace = typed !== "" && document.getElementById(typed) !== null;
    if (typed !== "" && !isPlace) {
      void navigate(path + search, { replace: true });
      const isWhole = WHOLE.test(typed);
      if (isWhole) keepSecret(path, typed);
      setSecret(isWhole ? { state: "here", token: typed } : { state: "damaged" });
      return;
    }
    setSecret((known) => {
      if (known.state !== "looking") return known;
      const token = kept(path);
      return token === null ? { state: "none" } : { state: "here", token };
    });
  }, [hash]);
  const forget = () => {
    try {
      sessionStorage.removeItem(keyOf(path));
    } catch {
      // Nothing was kept.
    }
  };
  return [secret, forget];
}
