// What may come one frame later, so that a press or a letter is answered at once: first the requests, then a frame, then the
// long page.

import { useEffect, useState } from "preact/hooks";

/** A page that nobody sees is not painted; what waits for it waits no longer. */
const AT_MOST_MS = 500;

/** Runs it once the browser has painted and `pauseMs` are over; what it returns takes it back. */
export function afterPaint(run: () => void, pauseMs = 0): () => void {
  const once = () => {
    cancel();
    run();
  };
  let timer = setTimeout(once, AT_MOST_MS + pauseMs);
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    timer = setTimeout(once, pauseMs);
  });
  const cancel = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  return cancel;
}

/** The value before, until the browser has painted and `pauseMs` are over; then the latest. */
export function useAfterPaint<T>(value: T, pauseMs = 0): T {
  const [shown, setShown] = useState({ value });
  useEffect(() => afterPaint(() => setShown((before) => (before.value === value ? before : { value })), pauseMs), [value, pauseMs]);
  return shown.value;
}
