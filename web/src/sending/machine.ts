// The click day as a pure machine: what was pressed, what is under way, what came back. It knows no clock, no network and
// no storage: each step is told the instant and a throw of the dice, and says which requests leave now.

/** Most applications of one request. */
export const MOST_TOGETHER = 100;
/** So long before the opening a press is taken and held; reflexes buy nothing. */
export const HOLD_MS = 60_000;
/** First pause after a failure that gave no arrival; it doubles. Each is drawn between half and one and a half of it, so that
 * those who were refused together do not come again together (docs/capacity.md). */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 3000;
/** With a ticket nothing is lost by waiting: each comes back at an instant of its own. */
const TICKET_PAUSES = { shortest: 250, longest: 5000 };
/** The portal's own mistakes (500) are no crowd that passes: after so many tries the person is told. */
const MOST_BROKEN_TRIES = 8;

/** An instant by two clocks: one that never jumps, for pauses, and the decree's own, for the opening and for tickets. */
export interface Now {
  local: number;
  decree: number;
}

/** Keeps the arrival of a press that the portal could not store. */
export interface Ticket {
  token: string;
  /** As the API wrote it. */
  arrival: string | null;
  /** The decree's instant from which on it is refused; null where the API did not say. */
  until: number | null;
}

/** Why something was not sent, in the API's words. */
export interface Refusal {
  kind: string;
  title: string;
  detail: string;
  opensAt: string | null;
  requestId: string | null;
}

/** How one application stands after a press. `tries` counts failures since the last arrival. */
export type Row =
  | { step: "waiting"; dueAt: number; tries: number }
  | { step: "travelling"; request: number; tries: number }
  | { step: "paused" }
  | { step: "sent"; receipt: string }
  | { step: "refused"; why: Refusal };

/** All that is known of one page's sending. */
export interface Sending {
  /** A press that leaves at the opening, an instant of the decree. */
  held: { ids: readonly string[]; leavesAt: number } | null;
  rows: ReadonlyMap<string, Row>;
  tickets: ReadonlyMap<string, Ticket>;
  /** The requests that left, by number, until they are answered. */
  travelling: ReadonlyMap<number, readonly string[]>;
  lastRequest: number;
  /** Why a press came to nothing: far too early. */
  notice: Refusal | null;
}

/** One POST. */
export interface Request {
  number: number;
  ids: readonly string[];
  tickets: Readonly<Record<string, string>>;
}

/** What one application was answered inside a 200. */
export interface Outcome {
  id: string;
  receipt: string | null;
  /** `unavailable` is tried again, with its ticket if it has one. */
  isUnavailable: boolean;
  isBroken: boolean;
  /** Not ready, or not yet at the arrival that its ticket keeps. */
  isNotReady: boolean;
  ticket: string | null;
  ticketUntil: number | null;
  why: Refusal;
}

/** What a request was answered. */
export type Reply =
  | { kind: "outcomes"; arrival: string | null; outcomes: readonly Outcome[] }
  /** The window is closed; `opensInMs` where it opens later. */
  | { kind: "closed"; opensInMs: number | null; why: Refusal }
  /** Nothing was stored, each arrival is kept. */
  | { kind: "tickets"; arrival: string | null; until: number | null; tickets: ReadonlyMap<string, string> }
  /** Some tickets or applications are not good; nothing was sent. */
  | { kind: "not-good"; tickets: readonly string[]; applications: ReadonlyMap<string, Refusal>; why: Refusal }
  /** No arrival: network, 429, 502, 503 without ticket, 504. */
  | { kind: "no-arrival" }
  | { kind: "broken"; why: Refusal }
  | { kind: "session-over" }
  | { kind: "refused"; why: Refusal };

/** The next state, the requests that leave, and what a refusal taught about the clock. */
export interface Step {
  state: Sending;
  requests: readonly Request[];
  /** The decree's time, as the server just said it: our clock was wrong. */
  decreeNow: number | null;
}

/** Before any press. */
export const nothingSent: Sending = {
  held: null,
  rows: new Map(),
  tickets: new Map(),
  travelling: new Map(),
  lastRequest: 0,
  notice: null,
};

const stay = (state: Sending): Step => ({ state, requests: [], decreeNow: null });

/** Whether a press may still do something for it: what is sent or under way gives the same receipt anyway. */
function canLeave(row: Row | undefined): boolean {
  return row === undefined || row.step === "refused";
}

/** «Invia domande». `opensAt` is the decree's instant of the next opening, null when it is open. */
export function press(state: Sending, ids: readonly string[], opensAt: number | null, now: Now): Step {
  const fresh = ids.filter((id) => canLeave(state.rows.get(id)));
  if (fresh.length === 0) return stay(state);
  if (opensAt === null || opensAt <= now.decree) return depart({ ...state, held: null, notice: null }, fresh, now);
  if (opensAt - now.decree > HOLD_MS) return stay(state);
  const all = new Set([...(state.held?.ids ?? []), ...fresh]);
  return stay({ ...state, notice: null, held: { ids: [...all], leavesAt: opensAt } });
}

/** «Annulla»: nothing has left yet. */
export function cancel(state: Sending): Step {
  return stay({ ...state, held: null });
}

function depart(state: Sending, ids: readonly string[], now: Now): Step {
  const rows = new Map(state.rows);
  for (const id of ids) rows.set(id, { step: "waiting", dueAt: now.local, tries: 0 });
  return leave({ ...state, rows }, now);
}

/** Something may be due: called by the alarm, and at once when the page or the computer wakes. */
export function wake(state: Sending, now: Now): Step {
  if (state.held && now.decree >= state.held.leavesAt) return depart({ ...state, held: null }, state.held.ids, now);
  return leave(state, now);
}

/** The session is there again: what waited for it goes on. */
export function resume(state: Sending, now: Now): Step {
  const paused = [...state.rows].flatMap(([id, row]) => (row.step === "paused" ? [id] : []));
  return paused.length > 0 ? depart(state, paused, now) : stay(state);
}

/** What a reload or another tab left: everything that was under way goes on, and every kept arrival is redeemed. */
export function recover(state: Sending, tickets: ReadonlyMap<string, Ticket>, now: Now): Step {
  const rows = new Map(state.rows);
  const all = new Map(state.tickets);
  for (const [id, ticket] of tickets) {
    if (rows.get(id)?.step === "sent") continue;
    all.set(id, ticket);
    if (canLeave(rows.get(id))) rows.set(id, { step: "paused" });
  }
  for (const [id, row] of rows) if (row.step === "travelling" || row.step === "waiting") rows.set(id, { step: "paused" });
  return resume({ ...state, rows, tickets: all, travelling: new Map() }, now);
}

/** Sends what is due, a hundred to a request, all of them side by side. */
function leave(before: Sending, now: Now): Step {
  const state = withoutExpired(before, now);
  const due = [...state.rows].filter(([, row]) => row.step === "waiting" && row.dueAt <= now.local).map(([id]) => id);
  if (due.length === 0) return stay(state);
  const rows = new Map(state.rows);
  const travelling = new Map(state.travelling);
  const requests: Request[] = [];
  let number = state.lastRequest;
  for (let from = 0; from < due.length; from += MOST_TOGETHER) {
    const ids = due.slice(from, from + MOST_TOGETHER);
    number += 1;
    const tickets: Record<string, string> = {};
    for (const id of ids) {
      const ticket = state.tickets.get(id);
      if (ticket) tickets[id] = ticket.token;
      rows.set(id, { step: "travelling", request: number, tries: triesOf(rows.get(id)) });
    }
    travelling.set(number, ids);
    requests.push({ number, ids, tickets });
  }
  return { state: { ...state, rows, travelling, lastRequest: number }, requests, decreeNow: null };
}

function withoutExpired(state: Sending, now: Now): Sending {
  const isOver = (ticket: Ticket) => ticket.until !== null && ticket.until <= now.decree;
  if (![...state.tickets.values()].some(isOver)) return state;
  return { ...state, tickets: new Map([...state.tickets].filter(([, ticket]) => !isOver(ticket))) };
}

const triesOf = (row: Row | undefined) => (row?.step === "waiting" || row?.step === "travelling" ? row.tries : 0);

/** A request was answered, or given up: `random` is from 0 to 1. Answers may come late, twice and in any order. */
export function answered(state: Sending, number: number, reply: Reply, now: Now, random: number): Step {
  const asked = state.travelling.get(number);
  const change = new Change(state, number, now, random);
  if (!asked) {
    // Nobody waits for it any more; but a receipt is a receipt.
    if (reply.kind === "outcomes") for (const outcome of reply.outcomes) if (outcome.receipt) change.sent(outcome.id, outcome.receipt);
    return change.step();
  }
  // What an earlier answer settled meanwhile is no longer this one's affair.
  const open = asked.filter((id) => change.isOpen(id));
  switch (reply.kind) {
    case "outcomes":
      change.outcomes(open, reply);
      break;
    case "closed":
      if (reply.opensInMs !== null && reply.opensInMs <= HOLD_MS) change.again(open, Math.max(1, reply.opensInMs));
      else if (reply.opensInMs !== null) change.tooEarly(open, reply.opensInMs, reply.why);
      else for (const id of open) change.refused(id, reply.why);
      break;
    case "tickets":
      for (const id of open) {
        const token = reply.tickets.get(id);
        if (token) change.ticket(id, token, reply.arrival, reply.until);
      }
      change.retry(open);
      break;
    case "not-good":
      change.notGood(open, reply);
      break;
    case "no-arrival":
      change.retry(open);
      break;
    case "broken":
      change.broken(open, reply.why);
      break;
    case "session-over":
      for (const id of open) change.set(id, { step: "paused" });
      break;
    case "refused":
      for (const id of open) change.refused(id, reply.why);
      break;
  }
  return change.step();
}

/** The changes that one answer makes. */
class Change {
  private readonly rows: Map<string, Row>;
  private readonly tickets: Map<string, Ticket>;
  private readonly travelling: Map<number, readonly string[]>;
  private notice: Refusal | null;
  private decreeNow: number | null = null;

  constructor(
    private readonly before: Sending,
    private readonly number: number,
    private readonly now: Now,
    private readonly random: number,
  ) {
    this.rows = new Map(before.rows);
    this.tickets = new Map(before.tickets);
    this.travelling = new Map(before.travelling);
    this.travelling.delete(number);
    this.notice = before.notice;
  }

  isOpen(id: string): boolean {
    const row = this.rows.get(id);
    return row?.step === "travelling" && row.request === this.number;
  }

  set(id: string, row: Row): void {
    this.rows.set(id, row);
  }

  sent(id: string, receipt: string): void {
    this.rows.set(id, { step: "sent", receipt });
    this.tickets.delete(id);
  }

  refused(id: string, why: Refusal): void {
    this.rows.set(id, { step: "refused", why });
    this.tickets.delete(id);
  }

  /** The first arrival stays, whatever a later answer says. */
  ticket(id: string, token: string, arrival: string | null, until: number | null): void {
    const held = this.tickets.get(id);
    this.tickets.set(id, { token, arrival: held?.arrival ?? arrival, until: until ?? held?.until ?? null });
  }

  again(ids: readonly string[], inMs: number): void {
    for (const id of ids) this.rows.set(id, { step: "waiting", dueAt: this.now.local + inMs, tries: 0 });
  }

  /** With a ticket some time within five seconds; without, soon, and then less and less soon. One throw for all of them: they
   * travel together again. */
  retry(ids: readonly string[]): void {
    const { shortest, longest } = TICKET_PAUSES;
    const withTicket = shortest + this.random * (longest - shortest);
    for (const id of ids) {
      const tries = triesOf(this.rows.get(id));
      const withoutTicket = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries) * (0.5 + this.random);
      const pause = this.tickets.has(id) ? withTicket : withoutTicket;
      this.rows.set(id, { step: "waiting", dueAt: this.now.local + pause, tries: tries + 1 });
    }
  }

  broken(ids: readonly string[], why: Refusal): void {
    for (const id of ids) {
      if (triesOf(this.rows.get(id)) + 1 >= MOST_BROKEN_TRIES && !this.tickets.has(id)) this.refused(id, why);
      else this.retry([id]);
    }
  }

  /** So early that no press is held: the clock was wrong, and nothing waits. */
  tooEarly(ids: readonly string[], opensInMs: number, why: Refusal): void {
    for (const id of ids) this.rows.delete(id);
    this.notice = why;
    const opensAt = Date.parse(why.opensAt ?? "");
    if (Number.isFinite(opensAt)) this.decreeNow = opensAt - opensInMs;
  }

  notGood(ids: readonly string[], { tickets, applications, why }: Extract<Reply, { kind: "not-good" }>): void {
    const bad = tickets.filter((id) => this.tickets.delete(id));
    const out = ids.filter((id) => applications.has(id));
    // Each such answer takes something away; one that takes nothing would come back for ever.
    if (bad.length === 0 && out.length === 0) {
      for (const id of ids) this.refused(id, why);
      return;
    }
    for (const id of out) this.refused(id, applications.get(id) ?? why);
    this.again(ids.filter((id) => !applications.has(id)), 0);
  }

  outcomes(ids: readonly string[], { arrival, outcomes }: Extract<Reply, { kind: "outcomes" }>): void {
    const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]));
    const again: string[] = [];
    for (const id of ids) {
      const outcome = byId.get(id);
      if (!outcome) again.push(id);
      else if (outcome.receipt) this.sent(id, outcome.receipt);
      else if (outcome.isBroken) this.broken([id], outcome.why);
      else if (outcome.isUnavailable) {
        if (outcome.ticket) this.ticket(id, outcome.ticket, arrival, outcome.ticketUntil);
        again.push(id);
      } else if (outcome.isNotReady && this.tickets.delete(id)) {
        // It was not ready yet at the arrival that its ticket keeps: the API says to send it without.
        this.again([id], 0);
      } else this.refused(id, outcome.why);
    }
    this.retry(again);
  }

  step(): Step {
    const state = { ...this.before, rows: this.rows, tickets: this.tickets, travelling: this.travelling, notice: this.notice };
    return { ...leave(state, this.now), decreeNow: this.decreeNow };
  }
}

/** In how many milliseconds `wake` should be called; null when nothing waits. */
export function nextWake(state: Sending, now: Now): number | null {
  let next = state.held ? state.held.leavesAt - now.decree : Number.POSITIVE_INFINITY;
  for (const row of state.rows.values()) if (row.step === "waiting") next = Math.min(next, row.dueAt - now.local);
  return Number.isFinite(next) ? Math.max(0, next) : null;
}

/** It is armed, by another tab or somebody else: the portal sends it, and a press was not needed (NEW-1). */
export const isArmed = (row: Row | undefined) => row?.step === "refused" && row.why.kind === "invio-prenotato";

/** How many stand how; what is armed is left out. */
export interface Progress {
  pressed: number;
  sent: number;
  refused: number;
  underWay: number;
}

/** The totals that are shown and spoken. */
export function progress(state: Sending): Progress {
  const leftOut = [...state.rows.values()].filter(isArmed).length;
  const count = { pressed: state.rows.size - leftOut, sent: 0, refused: 0, underWay: 0 };
  for (const row of state.rows.values()) {
    if (row.step === "sent") count.sent += 1;
    else if (row.step === "refused") count.refused += isArmed(row) ? 0 : 1;
    else count.underWay += 1;
  }
  return count;
}

/** The earliest arrival that a ticket keeps. */
export function keptArrival(state: Sending): string | null {
  let earliest: string | null = null;
  for (const { arrival } of state.tickets.values()) {
    if (arrival !== null && (earliest === null || Date.parse(arrival) < Date.parse(earliest))) earliest = arrival;
  }
  return earliest;
}
