// The arrival tickets of this browser: in sessionStorage for a reload, in IndexedDB for a closed tab, until each is
// redeemed, refused or over. They hold no personal datum; another account's are erased before anything is shown.

import { DATABASE, PREFIX, ticketKeys } from "./kept-tickets";
import type { Ticket } from "./machine";

const TABLE = "tickets";

/** Whose tickets, for what. */
export interface TicketsOf {
  account: string;
  campaign: string;
  model: string;
}

type Written = Record<string, Ticket>;

const beginningOf = (account: string) => `${PREFIX}${account} `;
const keyOf = ({ account, campaign, model }: TicketsOf) => `${beginningOf(account)}${campaign} ${model}`;

function parsed(text: unknown): Written {
  try {
    const value: unknown = JSON.parse(typeof text === "string" ? text : "{}");
    return typeof value === "object" && value !== null ? (value as Written) : {};
  } catch {
    return {};
  }
}

/** Without a database (a private window) sessionStorage alone survives a reload. */
function database(): Promise<IDBDatabase | null> {
  return new Promise((done) => {
    try {
      const opening = indexedDB.open(DATABASE, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
      opening.onsuccess = () => done(opening.result);
      opening.onerror = () => done(null);
      opening.onblocked = () => done(null);
    } catch {
      done(null);
    }
  });
}

async function inDatabase<T>(mode: IDBTransactionMode, use: (table: IDBObjectStore, give: (value: T) => void) => void, otherwise: T): Promise<T> {
  const opened = await database();
  if (!opened) return otherwise;
  return new Promise((done) => {
    let given = otherwise;
    const change = opened.transaction(TABLE, mode);
    use(change.objectStore(TABLE), (value) => {
      given = value;
    });
    const end = () => {
      opened.close();
      done(given);
    };
    change.oncomplete = end;
    change.onabort = end;
  });
}

// Of the database only this account's part stays.
function readDatabase(account: string, key: string): Promise<Written> {
  return inDatabase<Written>(
    "readwrite",
    (table, give) => {
      const asking = table.get(key);
      asking.onsuccess = () => give(parsed(asking.result));
      const keys = table.getAllKeys();
      keys.onsuccess = () => {
        for (const other of keys.result) if (!String(other).startsWith(beginningOf(account))) table.delete(other);
      };
    },
    {},
  );
}

/** Reads what a reload or a closed tab left. */
async function read(of: TicketsOf): Promise<Map<string, Ticket>> {
  const key = keyOf(of);
  const left = await readDatabase(of.account, key);
  try {
    for (const other of ticketKeys()) if (!other.startsWith(beginningOf(of.account))) sessionStorage.removeItem(other);
    return new Map(Object.entries({ ...left, ...parsed(sessionStorage.getItem(key)) }));
  } catch {
    return new Map(Object.entries(left));
  }
}

/** Keeps these and drops those that are `gone`; another tab's stay. */
function write(of: TicketsOf, tickets: ReadonlyMap<string, Ticket>, gone: readonly string[]): void {
  const key = keyOf(of);
  const text = tickets.size === 0 ? null : JSON.stringify(Object.fromEntries(tickets));
  try {
    if (text === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    // Without storage the tickets live as long as the page.
  }
  const merge = (table: IDBObjectStore) => {
    const asking = table.get(key);
    asking.onsuccess = () => {
      const all = { ...parsed(asking.result), ...Object.fromEntries(tickets) };
      for (const id of gone) delete all[id];
      if (Object.keys(all).length === 0) table.delete(key);
      else table.put(JSON.stringify(all), key);
    };
  };
  void inDatabase("readwrite", merge, undefined);
}

/** Tickets that wait: how many, for which decree and model. */
export interface Waiting {
  campaign: string;
  model: string;
  number: number;
}

/** All tickets of an account that wait in this browser: of this tab and of others, open or closed. */
export async function waitingTickets(account: string): Promise<Waiting[]> {
  const inDatabaseNow = await inDatabase<[string, unknown][]>(
    "readonly",
    (table, give) => {
      const all: [string, unknown][] = [];
      const walk = table.openCursor();
      walk.onsuccess = () => {
        if (walk.result === null) return give(all);
        all.push([String(walk.result.key), walk.result.value]);
        walk.result.continue();
      };
    },
    [],
  );
  const ofThisTab = ticketKeys().map((key): [string, unknown] => [key, sessionStorage.getItem(key)]);
  const found = new Map<string, Set<string>>();
  for (const [key, text] of [...inDatabaseNow, ...ofThisTab]) {
    if (key.startsWith(beginningOf(account))) found.set(key, new Set([...(found.get(key) ?? []), ...Object.keys(parsed(text))]));
  }
  return [...found].flatMap(([key, ids]) => {
    const [campaign = "", model = ""] = key.slice(beginningOf(account).length).split(" ");
    return ids.size > 0 ? [{ campaign, model, number: ids.size }] : [];
  });
}

/** The store of a browser. */
export const browserTickets = { read, write };
