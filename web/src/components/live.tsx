// The two live regions of the site. Nothing else on a page is live: what is to be heard goes through `announce`.

import { signal } from "@preact/signals";

const polite = signal("");
const assertive = signal("");

/** Says something to who listens. The same text twice is said twice. */
export function announce(text: string, how: "polite" | "assertive" = "polite"): void {
  const region = how === "polite" ? polite : assertive;
  // A zero-width space makes a repeated text a new one.
  region.value = region.value === text ? `${text}\u200b` : text;
}

/** The regions, once in the shell. */
export function LiveRegions() {
  return (
    <div class="visually-hidden">
      <div id="live-polite" role="status" aria-live="polite">
        {polite.value}
      </div>
      <div id="live-assertive" role="alert" aria-live="assertive">
        {assertive.value}
      </div>
    </div>
  );
}
