// Runs the machine in a world: clock, dice, network, storage and alarm come from outside, so that tests have their own.

import {
  answered, cancel, nextWake, nothingSent, press, progress, recover, resume, wake,
  type Now, type Reply, type Request, type Sending, type Step, type Ticket,
} from "./machine";
import type { Alarm } from "./alarm";

/** What sending needs of the world. */
export interface World {
  now: () => Now;
  random: () => number;
  /** Never fails: a cut line is a reply too. */
  post: (request: Request) => Promise<Reply>;
  alarm: (ring: () => void) => Alarm;
  readTickets: () => Promise<ReadonlyMap<string, Ticket>>;
  writeTickets: (tickets: ReadonlyMap<string, Ticket>, gone: readonly string[]) => void;
  /** Keeps what a reload must find. */
  keep: (state: Sending) => void;
  /** The server said the decree's time: our clock was wrong. */
  correctClock: (decreeNow: number) => void;
  /** Told after each change. */
  changed: (state: Sending) => void;
}

/** Whether something is on its way or about to be. */
export function isBusy(state: Sending): boolean {
  return state.held !== null || progress(state).underWay > 0;
}

/** One decree's and model's sending, for as long as the site is open. */
export class Sender {
  private state: Sending;
  private readonly alarm: Alarm;
  private isStopped = false;

  constructor(
    private readonly world: World,
    kept: Sending | null,
  ) {
    this.state = kept ?? nothingSent;
    this.alarm = world.alarm(() => this.wake());
  }

  /** Goes on with what a reload or a closed tab left. */
  async recover(): Promise<void> {
    const tickets = await this.world.readTickets();
    this.take(recover(this.state, tickets, this.world.now()));
  }

  /** «Invia domande»: at once when open, held until the opening else. */
  press(ids: readonly string[], opensAt: number | null): void {
    this.take(press(this.state, ids, opensAt, this.world.now()));
  }

  /** «Annulla». */
  cancel(): void {
    this.take(cancel(this.state));
  }

  /** Looks at the clock: what is due leaves. */
  wake(): void {
    this.take(wake(this.state, this.world.now()));
  }

  /** The session is there again. */
  resume(): void {
    this.take(resume(this.state, this.world.now()));
  }

  /** At «Esci»: nothing goes on, and an answer that still comes leaves nothing behind. */
  stop(): void {
    this.isStopped = true;
    this.alarm.set(null);
  }

  private take({ state, requests, decreeNow }: Step): void {
    if (this.isStopped) return;
    const before = this.state;
    this.state = state;
    // First of all the requests leave; writing down comes after.
    for (const request of requests) void this.send(request);
    this.alarm.set(nextWake(state, this.world.now()));
    const gone = [...before.tickets.keys()].filter((id) => !state.tickets.has(id));
    if (gone.length > 0 || (state.tickets !== before.tickets && state.tickets.size > 0)) this.world.writeTickets(state.tickets, gone);
    if (state === before) return;
    if (decreeNow !== null) this.world.correctClock(decreeNow);
    this.world.changed(state);
    this.world.keep(state);
  }

  private async send(request: Request): Promise<void> {
    const reply = await this.world.post(request);
    this.take(answered(this.state, request.number, reply, this.world.now(), this.world.random()));
  }
}
