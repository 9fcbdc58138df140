// What the end of the session would lose, for pages that end it by a press of their own.

import { useEffect, useState } from "preact/hooks";
import { lostAtSignOut } from "./session";

/** Asked anew each time that `isAsked` becomes true; null until it is known, and where nothing is lost. */
export function useLostAtSignOut(isAsked = true): string | null {
  const [lost, setLost] = useState<string | null>(null);
  useEffect(() => {
    setLost(null);
    if (isAsked) void lostAtSignOut().then(setLost);
  }, [isAsked]);
  return lost;
}
