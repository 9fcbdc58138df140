// What every page knows of what is typed and not saved: that «Esci» would lose it, wherever it is pressed. The store is asked,
// because the pages that know the form may be left, or never have been loaded.

import { session, warnAtSignOut } from "../../session/session";
import { it } from "../../texts/it";
import { inputOf } from "./erase-input";

type Labels = () => readonly string[];
const inMemory = new Set<Labels>();

/** What a page holds that no store does, by its labels: files on their way, and all where the browser stores nothing. */
export function alsoLost(labels: Labels): void {
  inMemory.add(labels);
}

/** The application is gone: what was typed for it is nothing that «Esci» would lose. */
export async function forgetInputOf(application: string, account: string): Promise<void> {
  // Without its code or a storage nothing was kept.
  await inputOf(account).then((store) => store.keep(application, new Map(), false), () => undefined);
}

/** «Esci» names the answers that it would lose; called once, when the site starts. */
export function guardInput(): void {
  warnAtSignOut(async () => {
    const now = session.value;
    // Without its code or a storage nothing was kept that a page could show, either.
    const kept = now.state === "signed-in" ? await inputOf(now.view.account).then((store) => store.labels()).catch(() => []) : [];
    const labels = new Set([...kept, ...Array.from(inMemory).flatMap((each) => each())]);
    return labels.size > 0 ? it.session.unsaved(Array.from(labels).join(", ")) : null;
  });
}
