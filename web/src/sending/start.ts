// Sending in the browser: one for each decree, model and account, which goes on while the reader is on another page of the
// site. Its world is the API, this browser's storage, and the edge's clock.

import { effect, signal, type Signal } from "@preact/signals";
import { api, call, Problem } from "../api/client";
import { sessionEnded } from "../api/refresh";
import { checkServerClock, correctServerClock, latestServerNow, local } from "../clock/clock";
import { atSignOut, warnAtSignOut } from "../session/session";
import { it } from "../texts/it";
import { afterPaint } from "./after-paint";
import { keepAwake, startAlarm } from "./alarm";
import type { Listed } from "./list";
import { nothingSent, type Reply, type Request, type Sending } from "./machine";
import { fromText, toText } from "./record";
import { replyOf, replyOfProblem } from "./reply";
import { isBusy, Sender } from "./sender";
import { browserTickets } from "./tickets";

/** A request that is not answered within this time is sent again: the portal knows repetitions. */
const ANSWER_WITHIN = 15_000;

/** What a reload must find is written down this much later, so that no press waits for it. */
const KEPT_AFTER = 100;
/** Nine answers of one moment are shown as one. */
const SHOWN_EVERY = 100;

/** Whose sending, of what. */
export interface Subject {
  campaign: string;
  model: string;
  account: string;
  /** The decree's `clock_offset_ms`. */
  offsetMs: number;
}

/** A sending that pages show. */
export interface Started {
  state: Signal<Sending>;
  /** What the list called the rows that were pressed before a reload. */
  listed: readonly Listed[];
  sender: Sender;
  /** The pressed rows may come from this list: their names are kept for a reload. */
  name: (listed: readonly Listed[]) => void;
}

/** What the keys of records in sessionStorage begin with. */
const PREFIX = "portal-sending ";

const started = new Map<string, Started>();

async function post({ campaign, model }: Subject, { ids, tickets }: Request): Promise<Reply> {
  const body = { campaign, model, applications: [...ids], ...(Object.keys(tickets).length > 0 ? { arrival_tickets: tickets } : {}) };
  const signal = AbortSignal.timeout(ANSWER_WITHIN);
  try {
    const { data, status, headers } = await call((options) => api.submitApplications(body, options), { signal });
    return data && Array.isArray(data.outcomes) ? replyOf(data) : replyOfProblem(Problem.of(status, null, headers), ids);
  } catch (error) {
    // Renewed and refused again, but not over: it may pass on the next try.
    if (error instanceof Problem && error.status === 401 && !sessionEnded.value) return { kind: "no-arrival" };
    if (error instanceof Problem) return replyOfProblem(error, ids);
    if (signal.aborted) return { kind: "no-arrival" };
    throw error;
  }
}

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Somebody else's pages were open in this tab, or yesterday's: nothing of theirs stays. */
function forgetOthers(account: string): void {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX) && !fromText(sessionStorage.getItem(key), account, Date.now())) sessionStorage.removeItem(key);
    }
  } catch {
    // Without storage nothing was kept.
  }
}

function start(subject: Subject): Started {
  const { campaign, model, account, offsetMs } = subject;
  forgetOthers(account);
  const key = `${PREFIX}${campaign} ${model}`;
  const kept = fromText(read(key), account, Date.now());
  const state = signal(kept?.state ?? nothingSent);
  let listed: readonly Listed[] = kept?.listed ?? [];
  let latest = state.value;
  let keeping: ReturnType<typeof setTimeout> | undefined;
  let isShowing = false;
  const keep = () => {
    try {
      sessionStorage.setItem(key, toText(account, Date.now(), latest, listed));
    } catch {
      // Full or forbidden: a reload then asks for the receipts again.
    }
  };
  // A page that goes away waits for nothing.
  addEventListener("pagehide", keep);
  const sender = new Sender(
    {
      now: () => ({ local: local(), decree: latestServerNow() + offsetMs }),
      random: Math.random,
      post: (request) => post(subject, request),
      alarm: (ring) =>
        startAlarm(() => {
          ring();
          // After a sleep the clock is doubtful: what seemed early may be due.
          void checkServerClock().then((wasWrong) => wasWrong && ring());
        }),
      readTickets: () => browserTickets.read(subject),
      writeTickets: (tickets, gone) => browserTickets.write(subject, tickets, gone),
      keep: () => {
        // Soon, and once for the answers of one moment: nine hundred rows are a long text.
        clearTimeout(keeping);
        keeping = setTimeout(keep, KEPT_AFTER);
      },
      correctClock: (decreeNow) => correctServerClock(decreeNow - offsetMs),
      changed: (now) => {
        latest = now;
        keepAwake(isBusy(now));
        if (isShowing) return;
        isShowing = true;
        afterPaint(() => {
          state.value = latest;
          setTimeout(() => {
            isShowing = false;
            state.value = latest;
          }, SHOWN_EVERY);
        });
      },
    },
    kept?.state ?? null,
  );
  effect(() => {
    if (!sessionEnded.value) sender.resume();
  });
  addEventListener("beforeunload", (event) => {
    if (isBusy(latest)) event.preventDefault();
  });
  warnAtSignOut(() => (isBusy(latest) && latest.tickets.size === 0 ? it.session.sendingUnderWay : null));
  atSignOut(() => {
    sender.stop();
    clearTimeout(keeping);
    latest = nothingSent;
    removeEventListener("pagehide", keep);
    started.clear();
  });
  void sender.recover();
  return {
    state,
    get listed() {
      return listed;
    },
    sender,
    name: (more) => {
      listed = [...new Map([...listed, ...more].map((row) => [row.id, row])).values()];
    },
  };
}

/** The sending of a decree and model; started when it is first asked for. */
export function sendingOf(subject: Subject): Started {
  const key = `${subject.account} ${subject.campaign} ${subject.model}`;
  const found = started.get(key) ?? start(subject);
  started.set(key, found);
  return found;
}
