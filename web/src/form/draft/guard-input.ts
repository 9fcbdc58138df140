// What every page knows of what is typed and not saved: that «Esci» would lose it, wherever it is pressed. The store is asked,
// because the pages that know the form may be left, or never have been loaded.

import { session, warnAtSignOut } from "../../session/session";
import { it } from "../../texts/it";

type Labels = () => readonly string[];
const inMemory = new Set<Labels>();

/** What a page holds that no store does, by its labels: files on their way, and all where the browser stores nothing. */
export function alsoLost(labels: Labels): void {
  inMemory.add(labels);
}

async function stored(account: string): Promise<string[]> {
  const [{ UnsentInput }, { indexedStore }] = await Promise.all([import("./unsent-input"), import("./indexed-store")]);
  return (await UnsentInput.open(account, sessionStorage, indexedStore, crypto, Date.now)).labels();
}

/** «Esci» names the answers that it would lose; called once, when the site starts. */
export function guardInput(): void {
  warnAtSignOut(async () => {
    const now = session.value;
    // Without its code or a storage nothing was kept that a page could show, either.
    const kept = now.state === "signed-in" ? await stored(now.view.account).catch(() => []) : [];
    const labels = new Set([...kept, ...Array.from(inMemory).flatMap((each) => each())]);
    return labels.size > 0 ? it.session.unsaved(Array.from(labels).join(", ")) : null;
  });
}
