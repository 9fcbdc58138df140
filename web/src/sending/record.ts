// What a reload finds again: the rows that were pressed, a held press, every receipt. In sessionStorage, so it is this tab's
// alone; of one account; at most twelve hours old.

import { nothingSent, type Row, type Sending } from "./machine";
import type { Listed } from "./list";

const LASTS = 12 * 3600 * 1000;

interface Written {
  account: string;
  at: number;
  held: Sending["held"];
  rows: [string, Row][];
  listed: Listed[];
}

/** What was kept. */
export interface Recovered {
  state: Sending;
  listed: Listed[];
}

/** The text that is kept: the pressed rows with what the list called them. */
export function toText(account: string, at: number, state: Sending, listed: readonly Listed[]): string {
  const wanted = new Set([...state.rows.keys(), ...(state.held?.ids ?? [])]);
  const written: Written = {
    account,
    at,
    held: state.held,
    rows: [...state.rows],
    listed: listed.filter(({ id }) => wanted.has(id)),
  };
  return JSON.stringify(written);
}

/** Reads it; null for another account's, an old or a broken one. */
export function fromText(text: string | null, account: string, now: number): Recovered | null {
  if (text === null) return null;
  try {
    const written = JSON.parse(text) as Written;
    const isGood = written.account === account && now - written.at < LASTS && now >= written.at - LASTS;
    if (!isGood) return null;
    return { state: { ...nothingSent, held: written.held, rows: new Map(written.rows) }, listed: written.listed };
  } catch {
    return null;
  }
}
