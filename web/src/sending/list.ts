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

const folded = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Whether what was typed is in the name of the worker or of the employer, or in the application's identifier. */
export function fits({ id, worker, employer }: Listed, typed: string): boolean {
  return folded(`${worker ?? ""} ${employer ?? ""} ${id}`).includes(folded(typed.trim()));
}

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

/** All pages of a search, each application once. */
export async function readPages(ports: ListPorts): Promise<ApplicationView[]> {
  const found = new Map<string, ApplicationView>();
  let cursor: string | null = null;
  do {
    const page: ApplicationList = await patiently(ports, cursor);
    for (const row of page.applications) found.set(row.id, row);
    cursor = page.next ?? null;
  } while (cursor);
  return [...found.values()];
}

/** What a list shows of it. */
export const listed = ({ id, worker, employer }: ApplicationView): Listed => ({ id, worker: worker ?? null, employer: employer ?? null });

/** The whole list. */
export async function readList(ports: ListPorts): Promise<Listed[]> {
  return (await readPages(ports)).filter(canBeSent).map(listed);
}
