// The end of the session that is near, as the shell tells it.

import { signal } from "@preact/signals";

/** Which end it is, and when (milliseconds of the portal's clock). */
export const sessionWarning = signal<{ kind: "rest" | "end"; until: number } | null>(null);
