// The readiness of all applications of one model, out of the pages in which the API tells it. Pure.

import type { BlockedBy, ReadinessRow, ReadinessView, Totals } from "../api/generated";

/** All pages as one. */
export interface WholeReadiness {
  totals: Totals;
  rows: ReadinessRow[];
}

const EMPTY: Totals = { applications: 0, ready: 0, sendable: 0, armed: 0, disarmable: 0, sent: 0, blocked_by: [] };

function sum(a: Totals, b: Totals): Totals {
  const blocked = new Map<string, BlockedBy>();
  for (const one of [...a.blocked_by, ...b.blocked_by]) {
    const before = blocked.get(one.obstacle)?.applications ?? 0;
    blocked.set(one.obstacle, { ...one, applications: before + one.applications });
  }
  return {
    applications: a.applications + b.applications,
    ready: a.ready + b.ready,
    sendable: a.sendable + b.sendable,
    armed: a.armed + b.armed,
    disarmable: a.disarmable + b.disarmable,
    sent: a.sent + b.sent,
    blocked_by: [...blocked.values()],
  };
}

/** The pages of one part tell the same totals; those of different parts are added up. */
export function whole(pages: readonly ReadinessView[]): WholeReadiness {
  const parts = new Map<number, Totals>();
  for (const page of pages) parts.set(page.part ?? 1, page.totals);
  return {
    totals: [...parts.values()].reduce(sum, EMPTY),
    rows: pages.flatMap((page) => page.rows),
  };
}

const WHO_FIRST = ["person", "office", "registry", "portal"];

/** Obstacles by who acts: persons first; among them, what holds back most. */
export function inOrder(obstacles: readonly BlockedBy[]): BlockedBy[] {
  const rank = (who: string) => (WHO_FIRST.indexOf(who) + WHO_FIRST.length + 1) % (WHO_FIRST.length + 1);
  return [...obstacles].sort((a, b) => rank(a.who_acts) - rank(b.who_acts) || b.applications - a.applications);
}

/** The rows that an obstacle holds back; all, where none is chosen. */
export function heldBackBy(rows: readonly ReadinessRow[], obstacle: string | null): ReadinessRow[] {
  return obstacle === null ? [...rows] : rows.filter((row) => row.blocked_by.some((one) => one.obstacle === obstacle));
}
