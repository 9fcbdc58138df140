// Time that is left until an instant, by the server's clock. Shown each second, spoken only at a few marks.

import { useEffect, useRef, useState } from "preact/hooks";
import { serverNow } from "../clock/clock";
import { milliseconds, type Instant } from "../dates/instant";
import { inFigures, inWords, spoken } from "../dates/left";
import { it } from "../texts/it";
import { announce } from "./live";

interface Props {
  until: Instant;
  /** What stands before it. */
  label?: string;
  /** Of an opening, for which people get ready, the seconds count: it is shown in figures, any other wait in words. */
  isOpening?: boolean;
  /** The campaign's `clock_offset_ms`. */
  offsetMs?: number;
  /** Called once, when nothing is left. */
  onEnd?: () => void;
}

/** The milliseconds that are left, told anew each second; null before the page runs. */
export function useLeft(until: Instant, offsetMs = 0): number | null {
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    const end = milliseconds(until);
    if (end === null) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const now = end - (serverNow() + offsetMs);
      setLeft(Math.max(0, now));
      // To the next whole second, so that the figures change when the clock's do.
      if (now > 0) timer = setTimeout(tick, Math.min(1000, (now % 1000) + 5));
    };
    tick();
    return () => clearTimeout(timer);
  }, [until, offsetMs]);
  return left;
}

/** `role=timer` is not live: the marks are said through the polite region. */
export function Countdown({ until, label = it.time.left, isOpening = false, offsetMs = 0, onEnd }: Props) {
  const left = useLeft(until, offsetMs);
  const before = useRef<number | null>(null);
  useEffect(() => {
    if (left === null) return;
    const said = before.current === null ? null : spoken(before.current, left);
    if (said) announce(said);
    if (left === 0 && before.current !== 0) onEnd?.();
    before.current = left;
  }, [left, onEnd]);
  return (
    <p class="countdown">
      {label}{" "}
      <span role="timer" class="countdown-figures">
        {left === null ? "…" : isOpening ? inFigures(left) : inWords(left)}
      </span>
    </p>
  );
}
