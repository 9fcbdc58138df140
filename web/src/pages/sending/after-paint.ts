// What may follow one frame later: long lists, so that a press or a letter is answered at once.

import { useEffect, useState } from "preact/hooks";

/** The value before, until the browser has painted and `pauseMs` are over; then the latest. */
export function useAfterPaint<T>(value: T, pauseMs = 0): T {
  const [shown, setShown] = useState({ value });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => setShown((before) => (before.value === value ? before : { value })), pauseMs);
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [value, pauseMs]);
  return shown.value;
}
