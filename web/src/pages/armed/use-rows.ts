// What the page of armed sends knows of a model's applications: read when it opens, kept at the opening, and read once more for
// the receipts.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../api/client";
import type { SearchRequest } from "../../api/generated";
import { searchFor } from "../../applications/search";
import { receiptsAt, type ArmingStanding } from "../../armed/standing";
import { rowsAfter, rowsBefore, type Rows } from "../../armed/rows";
import { PAGE, readPages, TO_SEND } from "../../sending/list";

/** The code of *Da inviare (invio prenotato)*. */
const ARMED = "armed";

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

interface Wanted {
  campaign: string;
  model: string;
  standing: ArmingStanding;
  decreeNow: () => number;
  isClockKnown: boolean;
}

/** `rows` are null before the first answer; they stay when a later reading fails. */
export interface RowsState {
  rows: Rows | null;
  isLoading: boolean;
  problem: Problem | null;
  /** Receipts were looked for after this opening. */
  hasReceiptsOf: string | null;
}

/** The rows, how to change them, and how to read them again. */
export function useRows({ campaign, model, standing, decreeNow, isClockKnown }: Wanted) {
  const [state, setState] = useState<RowsState>({ rows: null, isLoading: true, problem: null, hasReceiptsOf: null });
  const held = useRef<Rows | null>(null);
  const heldFor = useRef<string | null>(null);
  const change = useCallback((how: (rows: Rows) => Rows) => {
    // Nothing was read yet.
    if (held.current === null) return;
    const rows = how(held.current);
    held.current = rows;
    setState((before) => ({ ...before, rows }));
  }, []);
  const read = useCallback(
    async (withReceipts: boolean): Promise<Rows | null> => {
      const pages = (wanted: SearchRequest) =>
        readPages({ pause, search: (cursor) => searchFor({ campaign, model, limit: PAGE, ...wanted, ...(cursor ? { cursor } : {}) }) });
      setState((before) => ({ ...before, isLoading: true, problem: null }));
      try {
        const [armed, others] = await Promise.all([
          pages({ state: ARMED }),
          standing.state === "before" ? pages({ state: TO_SEND }) : withReceipts ? pages({ sent: true }) : [],
        ]);
        const found = standing.state === "opened" ? rowsAfter(held.current ?? new Map(), armed, others, standing.openedAt) : rowsBefore(others, armed);
        held.current = found;
        setState((before) => ({ rows: found, isLoading: false, problem: null, hasReceiptsOf: withReceipts && standing.state === "opened" ? standing.openedAt : before.hasReceiptsOf }));
        return found;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        setState((before) => ({ ...before, isLoading: false, problem: error }));
        return null;
      }
    },
    [campaign, model, standing],
  );
  useEffect(() => {
    const opening = standing.state === "before" ? standing.opensAt : standing.state === "opened" ? standing.openedAt : null;
    const wasHere = held.current !== null && opening !== null && heldFor.current === opening;
    heldFor.current = opening;
    const isLate = standing.state === "opened" && receiptsAt(standing.openedAt, decreeNow(), 0) === null;
    // At the opening itself nobody asks: what was armed is known, and nothing is sent yet.
    if (wasHere && standing.state === "opened" && !isLate) return;
    void read(isLate);
  }, [standing, read]);
  useEffect(() => {
    // By this computer's own clock the time for it may seem over.
    if (standing.state !== "opened" || !isClockKnown) return undefined;
    const at = receiptsAt(standing.openedAt, decreeNow(), Math.random());
    if (at === null) return undefined;
    const timer = setInterval(() => {
      if (decreeNow() < at) return;
      clearInterval(timer);
      void read(true);
    }, 1000);
    return () => clearInterval(timer);
  }, [standing, isClockKnown, read]);
  return { state, change, read };
}
