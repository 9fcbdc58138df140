// A form that is sent once and answered: what is wrong with fields, what was refused as a whole, and whether it is under way.

import { useState } from "preact/hooks";
import { Problem } from "../../api/client";
import type { Mistake } from "../../components/messages";

/** How it stands, and how to send. */
export interface Sending {
  mistakes: readonly Mistake[];
  /** A new number with each press: the summary of mistakes takes the focus each time. */
  round: number;
  problem: Problem | null;
  isBusy: boolean;
  messageFor: (field: string) => string | null;
  /** Sends, unless something is wrong already. `fieldOf` names the control of a field of the API. */
  send: (found: readonly Mistake[], run: () => Promise<void>) => Promise<void>;
}

/** `fieldOf` gives the id of the control that stands for a field of the API; `heard` hears each refusal first. */
export function useSending({ fieldOf = (field: string) => field, heard = (_: Problem) => {} } = {}): Sending {
  const [mistakes, setMistakes] = useState<readonly Mistake[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const send = async (found: readonly Mistake[], run: () => Promise<void>) => {
    if (isBusy) return;
    setRound((n) => n + 1);
    setMistakes(found);
    setProblem(null);
    if (found.length > 0) return;
    setBusy(true);
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      heard(error);
      const named = error.errors.map(({ field, message }) => ({ field: fieldOf(field), message }));
      setRound((n) => n + 1);
      setMistakes(named);
      if (named.length === 0) setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const messageFor = (field: string) => {
    const own = mistakes.filter((mistake) => mistake.field === field).map(({ message }) => message);
    return own.length > 0 ? own.join(" ") : null;
  };
  return { mistakes, round, problem, isBusy, messageFor, send };
}
