// One timeline of an application: its events and what was sent about it, newest first. Pure.

import type { EventView, NoticeView } from "../api/generated";
import { milliseconds } from "../dates/instant";

/** Something that happened. */
export type Moment = { at: string; event: EventView } | { at: string; communication: NoticeView };

/** Newest first; what happened in one instant keeps its order. */
export function moments(events: readonly EventView[], communications: readonly NoticeView[]): Moment[] {
  const all: Moment[] = [
    ...events.map((event) => ({ at: event.at, event })),
    ...communications.map((communication) => ({ at: communication.created, communication })),
  ];
  return all.map((moment, n) => ({ moment, n, at: milliseconds(moment.at) ?? 0 })).sort((a, b) => b.at - a.at || b.n - a.n).map(({ moment }) => moment);
}
