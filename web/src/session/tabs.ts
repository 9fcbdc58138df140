// What the tabs of one browser tell each other about the session. Nothing personal travels.

/** A message between tabs. */
export type TabMessage =
  | { say: "refreshed"; expiresAt: number; restsUntil: number; refreshedAt: number }
  | { say: "used"; at: number };

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("portal-session");

/** Tells the other tabs. */
export function tellTabs(message: TabMessage): void {
  channel?.postMessage(message);
}

/** Hears the other tabs. */
export function hearTabs(hear: (message: TabMessage) => void): void {
  channel?.addEventListener("message", (event: MessageEvent<TabMessage>) => hear(event.data));
}
