// Whether the portal can be reached, as the bar under the header tells it.

import { signal } from "@preact/signals";

/** `offline` by the browser's word, `retrying` while a request that failed is repeated. */
export const connection = signal<"good" | "offline" | "retrying">("good");

/** Follows the browser; called once, when the page starts. */
export function watchConnection(): void {
  const tell = () => {
    connection.value = navigator.onLine ? "good" : "offline";
  };
  addEventListener("online", tell);
  addEventListener("offline", tell);
  tell();
}
