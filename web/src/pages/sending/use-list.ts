// The list of one model's applications as the page has it: read when the page opens, and again when it is asked to.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import { PAGE, readList, TO_SEND, type Listed } from "../../sending/list";

interface Wanted {
  campaign: string;
  model: string;
  isWanted: boolean;
  decreeNow: () => number;
}

/** `rows` are null before the first answer; they stay when a later reading fails. */
export interface ListState {
  rows: readonly Listed[] | null;
  isLoading: boolean;
  problem: Problem | null;
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** `read(ifBefore)` reads again, if what is here was read before that instant of the decree. */
export function useList({ campaign, model, isWanted, decreeNow }: Wanted) {
  const [list, setList] = useState<ListState>({ rows: null, isLoading: true, problem: null });
  const readAt = useRef(Number.NEGATIVE_INFINITY);
  const read = useCallback(
    async (ifBefore = Number.POSITIVE_INFINITY): Promise<readonly Listed[] | null> => {
      if (readAt.current >= ifBefore) return null;
      setList((before) => ({ ...before, isLoading: true, problem: null }));
      try {
        const rows = await readList({
          pause,
          search: async (cursor) =>
            (await call((options) => api.searchApplications({ campaign, model, state: TO_SEND, limit: PAGE, ...(cursor ? { cursor } : {}) }, options))).data,
        });
        readAt.current = decreeNow();
        setList({ rows, isLoading: false, problem: null });
        return rows;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        setList((before) => ({ ...before, isLoading: false, problem: error }));
        return null;
      }
    },
    [campaign, model, decreeNow],
  );
  useEffect(() => {
    if (isWanted) void read();
  }, [isWanted, read]);
  return { list, read };
}
