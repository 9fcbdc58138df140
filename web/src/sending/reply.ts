// Reads what the API answered a press into what the machine understands. Pure.

import { Problem, UNREADABLE } from "../api/problem";
import type { BatchAnswer, OutcomeView } from "../api/generated";
import { milliseconds } from "../dates/instant";
import type { Outcome, Refusal, Reply, Row } from "./machine";

/** The portal's own mistake, as it is called inside a batch. */
const INTERNAL = "errore-interno";

/** Nobody refused it: the portal failed, and whether it arrived is not known. */
export const hasFailed = (row: Row | undefined) => row?.step === "refused" && (row.why.kind === UNREADABLE || row.why.kind === INTERNAL);

/** An end of a ticket as the API writes it, where it does. */
function instantOf(value: unknown): number | null {
  return typeof value === "string" || typeof value === "number" ? milliseconds(value) : null;
}

function outcomeOf(view: OutcomeView & { ticket_until?: unknown }): Outcome {
  const { application, outcome, receipt, problem, arrival_ticket } = view;
  const kind = problem?.type.split("/").at(-1) ?? outcome;
  return {
    id: application,
    receipt: receipt ?? null,
    isUnavailable: outcome === "unavailable",
    isBroken: outcome === "unavailable" && kind === INTERNAL,
    isNotReady: outcome === "not-ready",
    ticket: arrival_ticket ?? null,
    ticketUntil: instantOf(view.ticket_until),
    why: { kind, title: problem?.title ?? "", detail: problem?.detail ?? "", opensAt: null, requestId: null },
  };
}

/** A 200. */
export function replyOf(answer: BatchAnswer): Reply {
  const all = instantOf((answer as { ticket_until?: unknown }).ticket_until);
  const outcomes = answer.outcomes.map(outcomeOf);
  return {
    kind: "outcomes",
    arrival: answer.arrival,
    outcomes: outcomes.map((outcome) => ({ ...outcome, ticketUntil: outcome.ticketUntil ?? all })),
  };
}

function refusalOf(problem: Problem): Refusal {
  const { kind, title, detail, requestId } = problem;
  return { kind, title, detail, opensAt: problem.text("opens_at"), requestId };
}

/** The tickets of a 503: one for each of a selection, or the one of a single application. */
function ticketsOf(problem: Problem, ids: readonly string[]): Map<string, string> {
  const many = problem.extra["arrival_tickets"];
  const found = new Map<string, string>();
  if (typeof many === "object" && many !== null) {
    for (const [id, token] of Object.entries(many)) if (typeof token === "string") found.set(id, token);
  }
  const one = problem.text("arrival_ticket");
  if (one && ids.length === 1 && ids[0]) found.set(ids[0], one);
  return found;
}

function notGood(problem: Problem, ids: readonly string[]): Reply {
  const why = refusalOf(problem);
  const tickets: string[] = [];
  const applications = new Map<string, Refusal>();
  for (const { field, message } of problem.errors) {
    const ticketOf = /^arrival_tickets\.(.+)$/.exec(field)?.[1];
    const applicationOf = ids[Number(/^applications\[(\d+)\]$/.exec(field)?.[1] ?? Number.NaN)];
    if (ticketOf) tickets.push(ticketOf);
    else if (field === "arrival_tickets") tickets.push(...ids);
    else if (applicationOf) applications.set(applicationOf, { ...why, detail: message });
  }
  return { kind: "not-good", tickets, applications, why };
}

/** Anything else than a 200; `ids` are those of the request. */
export function replyOfProblem(problem: Problem, ids: readonly string[]): Reply {
  const why = refusalOf(problem);
  switch (problem.status) {
    case 401:
      return { kind: "session-over" };
    case 409:
      return { kind: "closed", opensInMs: problem.number("retry_after_ms"), why };
    case 422:
      return notGood(problem, ids);
    case 503: {
      const tickets = ticketsOf(problem, ids);
      if (tickets.size === 0) return { kind: "no-arrival" };
      return { kind: "tickets", arrival: problem.text("arrival"), until: instantOf(problem.extra["ticket_until"]), tickets };
    }
    case 0:
    case 429:
    case 502:
    case 504:
      return { kind: "no-arrival" };
    default:
      return problem.status >= 500 || problem.kind === UNREADABLE ? { kind: "broken", why } : { kind: "refused", why };
  }
}
