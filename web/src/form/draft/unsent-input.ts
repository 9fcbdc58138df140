// Keeps what is typed and not saved: at once in the tab's own storage, and once a save has failed also where a closed tab
// does not erase it, encrypted with a key that never leaves the browser. Whoever comes next on a shared machine finds
// nothing: another account, «Esci» and twelve hours erase it all.

import type { Value } from "../schema";
import type { Entry } from "./autosave";
import { PREFIX } from "./erase-input";

/** Kept no longer than a session may last. */
const LONGEST_MS = 12 * 3_600_000;

/** As `sessionStorage` is. */
export interface TabStorage {
  readonly length: number;
  key(place: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Survives the tab: a store that keeps objects as they are, such as IndexedDB. */
export interface LastingStore {
  get(key: string): Promise<unknown>;
  keys(): Promise<string[]>;
  put(key: string, value: unknown): Promise<void>;
  remove(key: string): Promise<void>;
  /** Everything that this site has put there. */
  clear(): Promise<void>;
}

export type Unsent = ReadonlyMap<string, { readonly typed: Value; readonly base: Value }>;

interface Kept {
  readonly owner: string;
  readonly at: number;
  /** With the labels, since «Esci» names them on pages that know no form. */
  readonly entries: readonly (readonly [string, { readonly typed: Value; readonly base: Value; readonly label?: string }])[];
}

interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly text: ArrayBuffer;
}

export class UnsentInput {
  readonly #tab: TabStorage;
  readonly #lasting: LastingStore;
  readonly #crypto: Crypto;
  readonly #now: () => number;
  readonly #owner: string;
  /** One write after the other, or an older one could win. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(owner: string, tab: TabStorage, lasting: LastingStore, crypto: Crypto, now: () => number) {
    this.#owner = owner;
    this.#tab = tab;
    this.#lasting = lasting;
    this.#crypto = crypto;
    this.#now = now;
  }

  /** For this account; what another one left, or what is too old, is erased before anything is shown. */
  static async open(owner: string, tab: TabStorage, lasting: LastingStore, crypto: Crypto, now: () => number): Promise<UnsentInput> {
    const unsent = new UnsentInput(owner, tab, lasting, crypto, now);
    const left = keysOf(tab).map((key) => parse(tab.getItem(key)));
    const leftLasting = await lasting.get("owner").catch(() => undefined);
    const isForeign = left.some((kept) => !unsent.#isMine(kept)) || (leftLasting !== undefined && !unsent.#isMine(leftLasting));
    if (isForeign) await UnsentInput.erase(tab, lasting);
    return unsent;
  }

  /** «Esci»: the key and everything that it encrypts, and the tab's part. */
  static async erase(tab: TabStorage, lasting: LastingStore): Promise<void> {
    for (const key of keysOf(tab)) tab.removeItem(key);
    // A browser that offers no such store has kept nothing in it, either.
    await lasting.clear().catch(() => undefined);
  }

  /** Keeps these entries of an application, or forgets the application where there are none. */
  keep(application: string, entries: ReadonlyMap<string, Entry>, mustLast: boolean, labelOf = (field: string) => field): Promise<void> {
    const kept: Kept = {
      owner: this.#owner,
      at: this.#now(),
      entries: Array.from(entries, ([field, { typed, base }]) => [field, { typed, base, label: labelOf(field) }] as const),
    };
    try {
      if (entries.size === 0) this.#tab.removeItem(PREFIX + application);
      else this.#tab.setItem(PREFIX + application, JSON.stringify(kept));
    } catch {
      // A full storage: the lasting one is tried, and the page still holds what is typed.
    }
    this.#writing = this.#writing.then(() => this.#keepLasting(application, kept, mustLast)).catch(() => undefined);
    return this.#writing;
  }

  /** Once what is being written is written. */
  settled(): Promise<void> {
    return this.#writing;
  }

  /** What was typed and not saved when the page was left; the tab's own is the newer one. */
  async restore(application: string): Promise<Unsent> {
    const entries = await this.#kept(application);
    return new Map(entries.map(([field, { typed, base }]) => [field, { typed, base }]));
  }

  /** What all that is kept answers, of this tab and of others. */
  async labels(): Promise<string[]> {
    const lasting = await this.#lasting.keys().catch(() => []);
    const keys = new Set([...keysOf(this.#tab), ...lasting.filter((key) => key.startsWith(PREFIX))]);
    const all = await Promise.all(Array.from(keys, (key) => this.#kept(key.slice(PREFIX.length))));
    return all.flat().map(([field, { label }]) => label ?? field);
  }

  async #kept(application: string): Promise<Kept["entries"]> {
    const kept = parse(this.#tab.getItem(PREFIX + application)) ?? (await this.#unseal(application).catch(() => undefined));
    return this.#isMine(kept) ? (kept as Kept).entries : [];
  }

  #isMine(kept: unknown): boolean {
    if (typeof kept !== "object" || kept === null) return false;
    const { owner, at } = kept as Partial<Kept>;
    return owner === this.#owner && typeof at === "number" && this.#now() - at < LONGEST_MS;
  }

  async #keepLasting(application: string, kept: Kept, mustLast: boolean): Promise<void> {
    if (kept.entries.length === 0) return this.#lasting.remove(PREFIX + application);
    if (!mustLast) return;
    const iv = this.#crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(kept));
    const sealed: Sealed = { iv, text: await this.#crypto.subtle.encrypt({ name: "AES-GCM", iv }, await this.#key(), text) };
    await this.#lasting.put(PREFIX + application, sealed);
    await this.#lasting.put("owner", { owner: kept.owner, at: kept.at });
  }

  async #unseal(application: string): Promise<Kept | undefined> {
    const sealed = (await this.#lasting.get(PREFIX + application)) as Sealed | undefined;
    if (!sealed) return undefined;
    const text = await this.#crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, await this.#key(), sealed.text);
    return parse(new TextDecoder().decode(text));
  }

  /** Made once in each browser; it cannot be read, only used. */
  async #key(): Promise<CryptoKey> {
    const stored = (await this.#lasting.get("key")) as CryptoKey | undefined;
    if (stored) return stored;
    const key = await this.#crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await this.#lasting.put("key", key);
    return key;
  }
}

function keysOf(tab: TabStorage): string[] {
  const all = Array.from({ length: tab.length }, (_, place) => tab.key(place));
  return all.filter((key) => key !== null).filter((key) => key.startsWith(PREFIX));
}

function parse(text: string | null): Kept | undefined {
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as Kept;
  } catch {
    return undefined;
  }
}
