// Reads the applications that can be sent: a hundred to a page, each once. The identifiers are then sent explicitly.

import { Problem } from "../api/problem";
import type { ApplicationList, ApplicationView } from "../api/generated";

/** One application of the list. */
export interface Listed {
  id: string;
  worker: string | null;
  employer: string | null;
}

/** The code of *Da inviare*. */
export const TO_SEND = "to-send";
/** The search gives at most so many at once. */
export const PAGE = 100;
/** Before a page of the list is asked for again. */
const PAUSES = [400, 1200, 3000];

/** How the list is read; tests put their own in. */
export interface ListPorts {
  search: (cursor: string | null) => Promise<ApplicationList>;
  pause: (ms: number) => Promise<void>;
}

// Outside its window the action stands there with the instant at which it opens.
const canBeSent = (row: ApplicationView) => row.allowed.some(({ action }) => action === "submit");

async function patiently({ search, pause }: ListPorts, cursor: string | null): Promise<ApplicationList> {
  for (const ms of PAUSES) {
    try {
      return await search(cursor);
    } catch (error) {
      if (!(error instanceof Problem && error.isPassing)) throw error;
    }
    await pause(ms);
  }
  return search(cursor);
}

/** The whole list. */
export async function readList(ports: ListPorts): Promise<Listed[]> {
  const found = new Map<string, Listed>();
  let cursor: string | null = null;
  do {
    const page: ApplicationList = await patiently(ports, cursor);
    for (const row of page.applications.filter(canBeSent)) {
      found.set(row.id, { id: row.id, worker: row.worker ?? null, employer: row.employer ?? null });
    }
    cursor = page.next ?? null;
  } while (cursor);
  return [...found.values()];
}
