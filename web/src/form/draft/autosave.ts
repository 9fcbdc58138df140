// Saves what is typed, by itself: on leaving a field or a moment after the last key, one request at a time, only what is
// right as far as this page can tell. One wrong or contested value never keeps the others from being saved.
//
// A state machine: time, the request and the keeping of unsent input come from outside.

import type { Stored } from "../completeness";
import type { Verdict } from "../field-check";
import type { Value } from "../schema";
import type { Conflict, StoredDraft } from "./stored-draft";

/** After the last key, when nobody leaves the field. */
const PAUSE_MS = 1_500;
/** Most fields in one request; the API's limit. */
const MOST_CHANGES = 200;
/** Pauses before a save that did not arrive is repeated. */
const RETRY_MS = [2_000, 4_000, 8_000, 15_000, 30_000];

export interface Change {
  readonly field: string;
  readonly base: Value;
  readonly value: Value;
}

/** What is wrong with a field, as the server says it. */
export interface Refusal {
  readonly field: string;
  readonly message: string;
}

/** What the API made of a save. */
export type Outcome =
  /** Saved, but for the fields that are named: the server found these wrong. */
  | { readonly kind: "saved"; readonly draft: StoredDraft; readonly refused?: readonly Refusal[] }
  /** 422: nothing was saved, because these fields are wrong. */
  | { readonly kind: "refused"; readonly errors: readonly Refusal[] }
  /** 409 with conflicts: nothing was saved, because somebody else changed these fields. */
  | { readonly kind: "conflict"; readonly conflicts: readonly Conflict[] }
  /** No answer, or one that passes by itself. */
  | { readonly kind: "failed"; readonly cause: string; readonly retryAfterMs?: number | undefined }
  /** The window is closed, the application is gone or the session is over: only a person's wish tries it again. */
  | { readonly kind: "stopped"; readonly cause: string };

/** What is typed into a field and not saved. */
export interface Entry {
  readonly typed: Value;
  /** What the field held when the person began. */
  readonly base: Value;
  /** Why the server refused exactly this. */
  readonly refusal?: string | undefined;
  readonly conflict?: Conflict | undefined;
}

export type SaveState =
  | { readonly kind: "idle" }
  | { readonly kind: "saving" }
  | { readonly kind: "saved"; readonly at: number }
  | { readonly kind: "failed" | "stopped"; readonly cause: string };

export interface Outside {
  readonly now: () => number;
  /** Runs it once, so many milliseconds later; the answer cancels. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly save: (changes: readonly Change[], isExplicit: boolean) => Promise<Outcome>;
  /** The verdict of this page on a typed value. */
  readonly check: (field: string, typed: Value) => Verdict;
  /** Keeps the unsent entries at once, against a reload or a crash; `mustLast` once a save has failed. */
  readonly keep: (entries: ReadonlyMap<string, Entry>, mustLast: boolean) => void;
  readonly changed: () => void;
  /** Values of registries came with an answer. */
  readonly arrived: (fields: readonly string[]) => void;
}

/** A change on its way, with what stood in the control when it left. */
interface Sent {
  readonly change: Change;
  readonly typed: Value;
}

export class Autosave {
  readonly #outside: Outside;
  #draft: StoredDraft;
  #entries = new Map<string, Entry>();
  #state: SaveState = { kind: "idle" };
  #isInFlight = false;
  /** Somebody asked to save while a request was under way. */
  #again = false;
  #isExplicit = false;
  #isOver = false;
  #failures = 0;
  #alarms = 0;
  #isAlarmed = false;
  /** Counts reads that begin and saves that end; the last of them that was taken. */
  #turns = 0;
  #taken = 0;
  #cancelTimer: () => void = () => undefined;
  /** The field in which somebody is, with what it held when they came. */
  #focused: { readonly field: string; readonly value: Value } | undefined;

  constructor(draft: StoredDraft, outside: Outside) {
    this.#draft = draft;
    this.#outside = outside;
  }

  get draft(): StoredDraft {
    return this.#draft;
  }

  get state(): SaveState {
    return this.#state;
  }

  /** Grows with each failure that interrupts whoever listens: not with those that only go on. */
  get alarms(): number {
    return this.#alarms;
  }

  /** What is typed and not saved, by field. */
  get entries(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }

  /** Whether something is typed and not saved, or on its way. */
  get isBusy(): boolean {
    return this.#entries.size > 0 || this.#isInFlight || this.#isExplicit;
  }

  get conflicts(): readonly Conflict[] {
    return Array.from(this.#entries.values(), (entry) => entry.conflict).filter((conflict) => conflict !== undefined);
  }

  /** What the field shows: what is typed, else what is stored. */
  shown(field: string): Value {
    const entry = this.#entries.get(field);
    if (entry) return entry.typed;
    // What comes from elsewhere never changes a field under somebody's fingers.
    return this.#focused?.field === field ? this.#focused.value : this.#stored(field);
  }

  /** Somebody is in the field now. */
  enter(field: string): void {
    this.#focused = { field, value: this.shown(field) };
  }

  /** The answers as they would be if everything were saved that this page holds for right. */
  answers(): ReadonlyMap<string, Stored> {
    const answers = new Map<string, Stored>(this.#draft.values);
    for (const [field, { typed, refusal }] of this.#entries) {
      const verdict = this.#outside.check(field, typed);
      if (refusal !== undefined || !("value" in verdict)) continue;
      if (verdict.value === null) answers.delete(field);
      else answers.set(field, { value: verdict.value, source: "person" });
    }
    return answers;
  }

  /** What to do about the field, as far as this page or the server has said; none while it is right or contested. */
  mistake(field: string): string | undefined {
    const entry = this.#entries.get(field);
    if (!entry) return undefined;
    const verdict = this.#outside.check(field, entry.typed);
    return "message" in verdict ? verdict.message : entry.refusal;
  }

  /** A key was pressed, a choice made. */
  type(field: string, typed: Value): void {
    const before = this.#entries.get(field);
    const base = before ? before.base : this.shown(field);
    const conflict = before?.conflict && { ...before.conflict, yours: typed };
    this.#entries.set(field, { typed, base, conflict });
    if (!this.#isInFlight) this.#forgetUnchanged(field);
    this.#keep();
    this.#schedule(PAUSE_MS);
    this.#outside.changed();
  }

  /** The field was left. */
  leave(): void {
    this.#focused = undefined;
    void this.flush();
  }

  /** «Salva»: also what nobody has left yet and what was stopped, and the history shows it. */
  saveExplicitly(): Promise<void> {
    this.#isExplicit = true;
    return this.resume();
  }

  /** The network is back, or the session, or somebody wants another try: what did not arrive is sent at once. */
  resume(): Promise<void> {
    this.#failures = 0;
    // Whoever asks for another try hears what became of it.
    this.#isAlarmed = false;
    if (this.#state.kind === "stopped") this.#set({ kind: "idle" });
    return this.flush();
  }

  /** Nothing is sent any more. */
  end(): void {
    this.#isOver = true;
    this.#cancelTimer();
  }

  /** One's own value is sent over theirs, or theirs is kept; the other fields have been saved already. */
  resolve(field: string, whose: "mine" | "theirs"): void {
    const entry = this.#entries.get(field);
    if (!entry?.conflict) return;
    if (whose === "mine") this.#entries.set(field, { typed: entry.typed, base: entry.conflict.theirs });
    else this.#entries.delete(field);
    this.#keep();
    this.#outside.changed();
    if (whose === "mine") void this.flush();
  }

  /** What was typed before a reload. */
  restore(entries: ReadonlyMap<string, Pick<Entry, "typed" | "base">>): void {
    for (const [field, { typed, base }] of entries) {
      if (this.#entries.has(field)) continue;
      this.#entries.set(field, { typed, base });
      this.#forgetUnchanged(field);
    }
    this.#keep();
    this.#outside.changed();
    if (this.#entries.size > 0) void this.flush();
  }

  /** A mark to hand back with the answer of a read: an answer that a save or a later read has overtaken is old. */
  beginRead(): number {
    this.#turns += 1;
    return this.#turns;
  }

  /** The draft was read again; tells whether the answer is news. */
  receive(draft: StoredDraft, mark: number): boolean {
    if (this.#isInFlight || mark < this.#taken) return false;
    this.#taken = mark;
    this.#take(draft);
    return true;
  }

  /** Sends what may be sent. Ends when nothing more is under way. */
  async flush(): Promise<void> {
    this.#cancelTimer();
    if (this.#isInFlight) {
      this.#again = true;
      return;
    }
    if (this.#isOver || this.#state.kind === "stopped") return;
    this.#isInFlight = true;
    try {
      for (;;) {
        this.#again = false;
        const isExplicit = this.#isExplicit;
        const sent = this.#sendable();
        if (sent.length === 0 && !isExplicit) break;
        this.#isExplicit = false;
        this.#set({ kind: "saving" });
        const outcome = await this.#outside.save(sent.map(({ change }) => change), isExplicit);
        this.#turns += 1;
        this.#taken = this.#turns;
        if (this.#isOver || !this.#settle(outcome, sent, isExplicit)) break;
      }
    } finally {
      this.#isInFlight = false;
    }
    if (this.#state.kind === "saving") this.#set({ kind: "idle" });
    for (const field of this.#entries.keys()) this.#forgetUnchanged(field);
    if (this.#again && this.#state.kind !== "failed") await this.flush();
  }

  /** Whether there may be more to send at once. */
  #settle(outcome: Outcome, sent: readonly Sent[], isExplicit: boolean): boolean {
    switch (outcome.kind) {
      case "saved": {
        this.#failures = 0;
        const refused = outcome.refused ?? [];
        this.#refuse(refused, sent);
        for (const { change: { field }, typed } of sent) {
          const entry = this.#entries.get(field);
          if (!entry || refused.some((each) => each.field === field)) continue;
          const isTypedSince = entry.typed !== typed;
          if (isTypedSince) this.#entries.set(field, { ...entry, base: outcome.draft.values.get(field)?.value ?? null });
          else this.#entries.delete(field);
        }
        this.#take(outcome.draft);
        this.#set({ kind: "saved", at: this.#outside.now() });
        this.#keep();
        return this.#sendable().length > 0;
      }
      case "refused":
      case "conflict": {
        const isMarked = this.#mark(outcome, sent);
        this.#keep();
        // A refusal that names none of the fields would come again for ever.
        if (!isMarked) this.#set({ kind: "stopped", cause: outcome.kind === "refused" ? (outcome.errors[0]?.message ?? "") : "" });
        if (isExplicit) this.#isExplicit = true;
        return isMarked;
      }
      case "failed": {
        const pause = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 0;
        this.#failures += 1;
        if (isExplicit) this.#isExplicit = true;
        this.#set({ kind: "failed", cause: outcome.cause });
        this.#keep();
        this.#schedule(outcome.retryAfterMs ?? pause);
        return false;
      }
      case "stopped":
        if (isExplicit) this.#isExplicit = true;
        this.#set({ kind: "stopped", cause: outcome.cause });
        this.#keep();
        return false;
    }
  }

  /** Puts aside the fields that the answer names; the rest is sent again at once. */
  #mark(outcome: Outcome & { kind: "refused" | "conflict" }, sent: readonly Sent[]): boolean {
    const named = outcome.kind === "refused" ? outcome.errors : outcome.conflicts;
    const marked = named.filter(({ field }) => sent.some(({ change }) => change.field === field));
    if (outcome.kind === "refused") {
      this.#refuse(outcome.errors, sent);
    } else {
      const values = new Map(this.#draft.values);
      for (const conflict of outcome.conflicts) {
        const entry = this.#entries.get(conflict.field);
        if (entry) this.#entries.set(conflict.field, { ...entry, conflict: { ...conflict, yours: entry.typed } });
        const at = new Date(this.#outside.now()).toISOString();
        values.set(conflict.field, { value: conflict.theirs, source: "person", at });
      }
      this.#draft = { ...this.#draft, values };
    }
    return marked.length > 0;
  }

  /** Keeps each refusal beside what it is about, so that it is shown and not sent again. */
  #refuse(refused: readonly Refusal[], sent: readonly Sent[]): void {
    for (const { field, message } of refused) {
      const entry = this.#entries.get(field);
      // What was typed since is another value, which the answer says nothing about.
      const isSame = sent.some(({ change, typed }) => change.field === field && typed === entry?.typed);
      if (entry && isSame) this.#entries.set(field, { ...entry, refusal: message });
    }
  }

  #sendable(): Sent[] {
    const sendable: Sent[] = [];
    for (const [field, { typed, base, refusal, conflict }] of this.#entries) {
      const verdict = this.#outside.check(field, typed);
      if (refusal !== undefined || conflict || !("value" in verdict)) continue;
      // The normal form, because not all that can be typed can travel.
      sendable.push({ change: { field, base, value: verdict.value }, typed });
    }
    return sendable.slice(0, MOST_CHANGES);
  }

  #take(draft: StoredDraft): void {
    const before = this.#draft.values;
    this.#draft = draft;
    const arrived = Array.from(draft.values).filter(([field, { value, source }]) => {
      return source.startsWith("registry:") && value !== null && before.get(field)?.value !== value;
    });
    this.#outside.changed();
    if (arrived.length > 0) this.#outside.arrived(arrived.map(([field]) => field));
  }

  /** Typed back to what is stored: nothing is left to save. */
  #forgetUnchanged(field: string): void {
    const entry = this.#entries.get(field);
    if (!entry || entry.conflict) return;
    const verdict = this.#outside.check(field, entry.typed);
    if ("value" in verdict && verdict.value === this.#stored(field)) this.#entries.delete(field);
  }

  #stored(field: string): Value {
    return this.#draft.values.get(field)?.value ?? null;
  }

  #schedule(ms: number): void {
    this.#cancelTimer();
    if (this.#isOver) return;
    this.#cancelTimer = this.#outside.after(ms, () => void this.flush());
  }

  #keep(): void {
    this.#outside.keep(this.#entries, this.#state.kind === "failed" || this.#state.kind === "stopped");
  }

  #set(state: SaveState): void {
    this.#state = state;
    if (state.kind === "failed" || state.kind === "stopped") {
      if (!this.#isAlarmed || state.kind === "stopped") this.#alarms += 1;
      this.#isAlarmed = true;
    } else if (state.kind !== "saving") {
      this.#isAlarmed = false;
    }
    this.#outside.changed();
  }
}
