// IndexedDB as a store of a few objects by name: it can keep a key of WebCrypto that no script can read.

import { DATABASE } from "./erase-input";
import type { LastingStore } from "./unsent-input";

const TABLE = "kept";

/** Opens the database for each access: rare, and so an erased one is never held open. */
export const indexedStore: LastingStore = {
  get: (key) => inTable("readonly", (table) => table.get(key) as IDBRequest<unknown>),
  keys: async () => (await inTable("readonly", (table) => table.getAllKeys())).map(String),
  put: async (key, value) => void (await inTable("readwrite", (table) => table.put(value, key))),
  remove: async (key) => void (await inTable("readwrite", (table) => table.delete(key))),
  clear: async () => void (await inTable("readwrite", (table) => table.clear())),
};

async function inTable<Result>(mode: IDBTransactionMode, act: (table: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  const database = await answerOf(opening);
  try {
    return await answerOf(act(database.transaction(TABLE, mode).objectStore(TABLE)));
  } finally {
    database.close();
  }
}

function answerOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's store does not answer"));
  });
}
