// Coming back to the same field after a sign-in: the control's id travels in the address as `campo`, a name of the form and
// nothing personal, so that it survives even where the sign-in ends in another tab.

import { navigate, place } from "../routing/location";

const FIELD = "campo";
/** So long a page may take to show its field. */
const PATIENCE = 15_000;

let lastField: string | null = null;

/** Remembers which field was last in use; called once, when the page starts. */
export function rememberField(): void {
  addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement && target.closest("main") && target.matches("input, select, textarea") && target.id) lastField = target.id;
  });
}

/** The present page with the field that was in use. */
export function placeToResume(): string {
  const { path, search } = place.value;
  const query = new URLSearchParams(search);
  query.delete(FIELD);
  if (lastField !== null && document.getElementById(lastField)) query.set(FIELD, lastField);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** Focuses the field that the address names, once the page shows it, and takes it out of the address. */
export function resumeField(): void {
  const query = new URLSearchParams(location.search);
  const field = query.get(FIELD);
  if (field === null) return;
  const watch = new MutationObserver(() => found());
  const stop = setTimeout(() => watch.disconnect(), PATIENCE);
  const found = () => {
    const control = document.getElementById(field);
    if (!control?.closest("main")) return;
    watch.disconnect();
    clearTimeout(stop);
    query.delete(FIELD);
    const text = query.toString();
    void navigate(location.pathname + (text ? `?${text}` : ""), { replace: true });
    control.scrollIntoView({ block: "center" });
    control.focus({ preventScroll: true });
  };
  watch.observe(document.body, { childList: true, subtree: true });
  found();
}
