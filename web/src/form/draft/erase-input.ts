// Erases what was typed and not saved, for «Esci» on any page: small, because every page has it at hand.

import type { UnsentInput } from "./unsent-input";

/** Where unsent input lies that outlives a tab. */
export const DATABASE = "unsent-input";
/** Before the names of what a tab keeps. */
export const PREFIX = "unsent:";

/** The tab's part, the lasting one and its key. */
export async function eraseInput(): Promise<void> {
  try {
    for (const key of Object.keys(sessionStorage).filter((each) => each.startsWith(PREFIX))) sessionStorage.removeItem(key);
    await new Promise<void>((done) => {
      const erasing = indexedDB.deleteDatabase(DATABASE);
      erasing.onsuccess = () => done();
      erasing.onerror = () => done();
      // Another tab writes this instant; it is erased as soon as that is done.
      erasing.onblocked = () => done();
    });
  } catch {
    // A browser without storage kept nothing.
  }
}

/** What an account typed in this browser and has not saved; what another one left is erased. Its code comes when it is asked for. */
export async function inputOf(account: string): Promise<UnsentInput> {
  const [{ UnsentInput }, { indexedStore }] = await Promise.all([import("./unsent-input"), import("./indexed-store")]);
  return UnsentInput.open(account, sessionStorage, indexedStore, crypto, Date.now);
}

/** What another account left, or this one more than twelve hours ago; called before anything private is shown. */
export async function eraseInputOfOthers(account: string): Promise<void> {
  try {
    await inputOf(account);
  } catch {
    // Without its code or a storage there is nothing that a page could show, either.
  }
}
