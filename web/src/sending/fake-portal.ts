// A portal and a world for tests: time that only moves when it is told to, an API that stores each application once.

import { Problem } from "../api/problem";
import type { BatchAnswer, OutcomeView } from "../api/generated";
import type { Reply, Request, Sending, Ticket } from "./machine";
import { replyOf, replyOfProblem } from "./reply";
import { Sender, type World } from "./sender";

/** 09:00:00 in Rome of a click day. */
export const OPENING = Date.parse("2026-01-12T09:00:00+01:00");

const iso = (ms: number) => new Date(ms).toISOString();

/** What the network or the portal does to one request. */
export type Mishap = "lost" | "cut-after-commit" | "503-ticket" | "503" | "429" | "500" | "401" | "some-tickets" | "hang";

/** Time, and what is to happen when. */
export class Time {
  now: number;
  private events: { at: number; run: () => void }[] = [];

  constructor(now: number) {
    this.now = now;
  }

  at(at: number, run: () => void): () => void {
    const event = { at, run };
    this.events.push(event);
    return () => {
      this.events = this.events.filter((other) => other !== event);
    };
  }

  /** Lets time pass, and everything that happens in it. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await settled();
    for (;;) {
      const next = this.events.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.events = this.events.filter((event) => event !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
      await settled();
    }
    this.now = end;
  }
}

async function settled(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
}

function problem(status: number, slug: string, extra: object): Problem {
  const document = { type: `/problemi/${slug}`, title: slug, status, detail: `detail of ${slug}`, request_id: "r1", errors: [], ...extra };
  return Problem.of(status, document, new Headers());
}

/** The API's truth: one receipt for each application, whoever asks and however often. */
export class FakePortal {
  /** Every request as it arrived. */
  readonly asked: { at: number; request: Request }[] = [];
  readonly stored = new Map<string, string>();
  /** What becomes of the next requests, in their order. */
  mishaps: (Mishap | null)[] = [];
  readonly notReady = new Set<string>();
  /** What was armed beforehand: the portal sends it. */
  readonly armed = new Set<string>();
  /** The tickets that are refused. */
  readonly badTickets = new Set<string>();
  closesAt = Number.POSITIVE_INFINITY;
  opensAt = OPENING;
  /** How long a ticket lasts; null where the API does not say. */
  ticketLasts: number | null = 120_000;
  /** Each way of the line. */
  way = 20;
  isReversed = false;

  constructor(private readonly time: Time) {}

  /** Posts, and gives the answer when it has come back. */
  post(request: Request): Promise<Reply> {
    const mishap = this.mishaps.shift() ?? null;
    return new Promise((done) => {
      if (mishap === "hang") return;
      this.time.at(this.time.now + this.way, () => {
        this.asked.push({ at: this.time.now, request });
        const reply = this.answer(request, mishap);
        this.time.at(this.time.now + this.way, () => done(reply));
      });
    });
  }

  private answer(request: Request, mishap: Mishap | null): Reply {
    const { ids } = request;
    const refuse = (status: number, slug: string, extra: object = {}) => replyOfProblem(problem(status, slug, extra), ids);
    const now = this.time.now;
    if (mishap === "lost") return replyOfProblem(Problem.network(), ids);
    if (mishap === "429") return refuse(429, "troppe-richieste");
    if (mishap === "503") return refuse(503, "servizio-non-disponibile");
    if (mishap === "500") return refuse(500, "errore-interno");
    if (mishap === "401") return refuse(401, "sessione-scaduta");
    const bad = ids.filter((id) => this.badTickets.has(request.tickets[id] ?? ""));
    if (bad.length > 0) {
      return refuse(422, "campi-non-validi", { errors: bad.map((id) => ({ field: `arrival_tickets.${id}`, code: "non-valido", message: "toglilo" })) });
    }
    if (now < this.opensAt) {
      return refuse(409, "finestra-non-aperta", { opens_at: iso(this.opensAt), now: iso(now), retry_after_ms: this.opensAt - now });
    }
    const until = this.ticketLasts === null ? {} : { ticket_until: iso(now + this.ticketLasts) };
    const ticketOf = (id: string) => request.tickets[id] ?? `ticket ${id} ${now}`;
    if (mishap === "503-ticket") {
      return refuse(503, "servizio-non-disponibile", { arrival: iso(now), arrival_tickets: Object.fromEntries(ids.map((id) => [id, ticketOf(id)])), ...until });
    }
    const outcomes = ids.map((id, n): OutcomeView => {
      if (mishap === "some-tickets" && n % 2 === 1) {
        return { application: id, outcome: "unavailable", arrival_ticket: ticketOf(id), problem: short("servizio-non-disponibile") };
      }
      return this.store(id, request.tickets[id], now);
    });
    if (this.isReversed) outcomes.reverse();
    const answer: BatchAnswer = { arrival: iso(now), outcomes, remaining: 0, armed: 0 };
    if (mishap === "cut-after-commit") return replyOfProblem(Problem.network(), ids);
    return replyOf(answer);
  }

  private store(id: string, ticket: string | undefined, now: number): OutcomeView {
    const before = this.stored.get(id);
    if (before) return { application: id, outcome: "already-sent", receipt: before };
    if (this.armed.has(id)) return { application: id, outcome: "armed", problem: short("invio-prenotato") };
    if (this.notReady.has(id)) return { application: id, outcome: "not-ready", problem: short("stato-non-compatibile") };
    if (now >= this.closesAt) return { application: id, outcome: "closed", problem: short("finestra-non-aperta") };
    const arrival = ticket ? Number(ticket.split(" ").at(-1)) : now;
    const receipt = JSON.stringify({ receipt: { code: `code ${id}`, arrival: iso(arrival) }, signature: "s" });
    this.stored.set(id, receipt);
    return { application: id, outcome: "sent", receipt };
  }
}

function short(slug: string) {
  return { type: `/problemi/${slug}`, title: slug, detail: `detail of ${slug}` };
}

/** One tab. */
export class Tab {
  state: Sending | null = null;
  sender: Sender;
  /** The tab's clock against the portal's. */
  error = 0;
  corrected: number[] = [];
  /** A frozen page: its alarm does not ring. */
  isFrozen = false;
  kept: Sending | null;
  private ring: () => void = () => undefined;

  constructor(
    private readonly time: Time,
    private readonly portal: FakePortal,
    /** Shared by tabs and reloads. */
    readonly tickets: Map<string, Ticket> = new Map(),
    kept: Sending | null = null,
    /** The monotonic clock began anywhere. */
    private readonly localError = 3_600_000,
    private readonly dice: () => number = () => 0.5,
  ) {
    this.kept = kept;
    this.sender = new Sender(this.world(), kept);
  }

  private world(): World {
    return {
      now: () => ({ local: this.time.now + this.localError, decree: this.time.now + this.error }),
      random: this.dice,
      post: (request) => this.portal.post(request),
      alarm: (ring) => {
        this.ring = ring;
        let off = () => undefined as void;
        return {
          set: (inMs) => {
            off();
            if (inMs !== null) off = this.time.at(this.time.now + inMs, () => this.isFrozen || ring());
          },
        };
      },
      readTickets: async () => new Map(this.tickets),
      writeTickets: (tickets, gone) => {
        for (const [id, ticket] of tickets) this.tickets.set(id, ticket);
        for (const id of gone) this.tickets.delete(id);
      },
      keep: (state) => {
        this.kept = state;
      },
      correctClock: (decreeNow) => {
        this.corrected.push(decreeNow);
        this.error = decreeNow - this.time.now;
      },
      changed: (state) => {
        this.state = state;
      },
    };
  }

  /** The page is shown again. */
  wakeUp(): void {
    this.isFrozen = false;
    this.ring();
  }

  /** How one application stands. */
  stepOf(id: string): string {
    return this.state?.rows.get(id)?.step ?? "fresh";
  }

  receiptOf(id: string): string | null {
    const row = this.state?.rows.get(id);
    return row?.step === "sent" ? row.receipt : null;
  }
}
