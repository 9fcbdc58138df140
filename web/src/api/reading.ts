// What a page reads from the API when it opens: loading, there, there but not fresh, failed.

import { useEffect, useState } from "preact/hooks";
import { Problem } from "./client";

/** A reading. `problem` beside data: it could not be read anew, and what is shown is of `at`. */
export type Reading<T> =
  | { state: "loading" }
  | { state: "failed"; problem: Problem }
  | { state: "ready"; data: T; at: number; problem: Problem | null };

/** A reading, and how to repeat it; what was read stays until the new answer is there. */
export interface Readable<T> {
  reading: Reading<T>;
  again: () => void;
}

/** Reads when the page opens and whenever `key` changes; what was read for another key is never shown. */
export function useReading<T>(key: string, read: (signal: AbortSignal) => Promise<T>): Readable<T> {
  const [held, setHeld] = useState<{ key: string; reading: Reading<T> }>({ key, reading: { state: "loading" } });
  const [round, setRound] = useState(0);
  const reading: Reading<T> = held.key === key ? held.reading : { state: "loading" };
  const hold = (change: (before: Reading<T>) => Reading<T>) =>
    setHeld((before) => ({ key, reading: change(before.key === key ? before.reading : { state: "loading" }) }));
  useEffect(() => {
    const abort = new AbortController();
    read(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) hold(() => ({ state: "ready", data, at: Date.now(), problem: null }));
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const problem = error instanceof Problem ? error : Problem.network();
        hold((before) => (before.state === "ready" ? { ...before, problem } : { state: "failed", problem }));
      },
    );
    return () => abort.abort();
  }, [key, round]);
  return {
    reading,
    again: () => {
      hold((before) => (before.state === "failed" ? { state: "loading" } : before));
      setRound((n) => n + 1);
    },
  };
}
