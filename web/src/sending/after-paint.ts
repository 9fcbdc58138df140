// What a press answers to the eye comes after what it sends: first the requests, then a frame, then the long page.

/** A page that nobody sees is not painted; what waits for it waits no longer. */
const AT_MOST_MS = 500;

/** Runs it once the browser has painted. */
export function afterPaint(run: () => void): void {
  let isOver = false;
  const once = () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(atLatest);
    run();
  };
  const atLatest = setTimeout(once, AT_MOST_MS);
  requestAnimationFrame(() => setTimeout(once));
}
