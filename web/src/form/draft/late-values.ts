// When to ask for values that registries owe: soon and often at first, then when the registry is asked again, and never when
// everybody needs the portal for an opening.

import type { StoredDraft } from "./stored-draft";

const MINUTE_MS = 60_000;
/** Counted from when the wait began. */
const FIRST_ASKS_MS = [2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
const MOST_ASKS = 10;
const LEAST_PAUSE_MS = MINUTE_MS;
/** Around an opening. */
const QUIET_BEFORE_MS = 60 * MINUTE_MS;
const QUIET_AFTER_MS = 30 * MINUTE_MS;

export interface Wait {
  /** When the wait began. */
  readonly since: number;
  /** How often it was asked. */
  readonly asks: number;
  readonly lastAsk: number | undefined;
}

/** When to ask next; none where nothing is awaited, or it was asked often enough. */
export function nextAsk(wait: Wait, draft: StoredDraft, openings: readonly number[], now: number): number | undefined {
  const waiting = draft.questions.filter((question) => question.isWaiting);
  if (waiting.length === 0 || wait.asks >= MOST_ASKS) return undefined;
  const first = FIRST_ASKS_MS[wait.asks];
  const earliest = (wait.lastAsk ?? wait.since) + LEAST_PAUSE_MS;
  const promised = waiting.map(({ nextAt }) => Date.parse(nextAt ?? "")).filter((at) => Number.isFinite(at));
  const due = first === undefined ? Math.max(earliest, Math.min(...promised, Infinity)) : wait.since + first;
  // A registry that says nothing of when it is asked again is looked after each minute.
  return afterQuiet(Math.max(Number.isFinite(due) ? due : earliest, now), openings);
}

/** The same instant, or the end of the quiet time that it falls into. */
function afterQuiet(at: number, openings: readonly number[]): number {
  let moved = at;
  for (const opening of Array.from(openings).sort((one, other) => one - other)) {
    if (moved >= opening - QUIET_BEFORE_MS && moved < opening + QUIET_AFTER_MS) moved = opening + QUIET_AFTER_MS;
  }
  return moved;
}

export interface Surroundings {
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
  readonly isVisible: () => boolean;
  /** Openings of the model's campaign, in Unix milliseconds. */
  readonly openings: readonly number[];
  /** Reads the draft again; none where that did not work. */
  readonly read: () => Promise<StoredDraft | undefined>;
}

/** Asks by itself while the page is seen. */
export class LateValues {
  readonly #outside: Surroundings;
  #draft: StoredDraft;
  #wait: Wait;
  #cancel: () => void = () => undefined;
  #isAsking = false;
  #isStopped = false;

  constructor(draft: StoredDraft, outside: Surroundings) {
    this.#outside = outside;
    this.#draft = draft;
    this.#wait = { since: outside.now(), asks: 0, lastAsk: undefined };
    this.#plan();
  }

  /** Another answer told the draft: a save brings what has come, and a new question begins a new wait. */
  told(draft: StoredDraft): void {
    const known = new Set(this.#draft.questions.filter((each) => each.isWaiting).map((each) => each.task));
    const isNew = draft.questions.some((each) => each.isWaiting && !known.has(each.task));
    this.#draft = draft;
    if (isNew) this.#wait = { since: this.#outside.now(), asks: 0, lastAsk: undefined };
    this.#plan();
  }

  /** The page is seen again: what fell due meanwhile is asked now. */
  seen(): void {
    this.#plan();
  }

  /** Its pages are open again. */
  start(): void {
    this.#isStopped = false;
    this.#plan();
  }

  /** Nobody looks any more: what is told from now on is known, and makes nobody ask. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #plan(): void {
    this.#cancel();
    if (this.#isStopped || this.#isAsking || !this.#outside.isVisible()) return;
    const now = this.#outside.now();
    const at = nextAsk(this.#wait, this.#draft, this.#outside.openings, now);
    if (at !== undefined) this.#cancel = this.#outside.after(at - now, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    if (!this.#outside.isVisible()) return;
    this.#isAsking = true;
    const now = this.#outside.now();
    // Of several that fell due while the page was hidden, one is enough.
    const passed = FIRST_ASKS_MS.filter((ms) => this.#wait.since + ms <= now).length;
    this.#wait = { ...this.#wait, asks: Math.max(this.#wait.asks + 1, passed), lastAsk: now };
    const draft = await this.#outside.read().catch(() => undefined);
    this.#isAsking = false;
    this.told(draft ?? this.#draft);
  }
}
