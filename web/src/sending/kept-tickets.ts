// What every page knows of arrival tickets: that «Esci» would lose them, and how they are erased. The rest is tickets.ts,
// which only the page of sending loads.

import { atSignOut, session, warnAtSignOut } from "../session/session";
import { it } from "../texts/it";

/** What the keys in sessionStorage begin with. */
export const PREFIX = "portal-arrival-tickets ";
/** The database that a closed tab leaves. */
export const DATABASE = "portal-arrivals";

/** The keys of this tab's tickets. */
export function ticketKeys(): string[] {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

/** Of this tab and of others; a page that cannot load the code for it any more counts its own. */
async function ticketsKept(account: string): Promise<number> {
  const { waitingTickets } = await import("./tickets");
  return (await waitingTickets(account)).reduce((sum, { number }) => sum + number, 0);
}

function ticketsOfThisTab(): number {
  try {
    return ticketKeys().reduce((sum, key) => sum + Object.keys(JSON.parse(sessionStorage.getItem(key) ?? "{}") as object).length, 0);
  } catch {
    return 0;
  }
}

/** «Esci» warns while tickets are held, and erases them; called once, when the site starts. */
export function guardKeptTickets(): void {
  warnAtSignOut(async () => {
    const now = session.value;
    const kept = now.state === "signed-in" ? await ticketsKept(now.view.account).catch(ticketsOfThisTab) : ticketsOfThisTab();
    return kept > 0 ? it.session.ticketsKept(kept) : null;
  });
  // sessionStorage is cleared by «Esci» itself.
  atSignOut(() => {
    try {
      indexedDB.deleteDatabase(DATABASE);
    } catch {
      // A browser without a database kept nothing in it.
    }
  });
}
