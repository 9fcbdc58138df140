import { beforeEach, describe, expect, it } from "vitest";
import type { Entry } from "./autosave";
import type { LastingStore, TabStorage } from "./unsent-input";
import { UnsentInput } from "./unsent-input";

const HOUR = 3_600_000;
const DRAFT = "app_01";

class Tab implements TabStorage {
  readonly items = new Map<string, string>();
  isFull = false;
  get length(): number {
    return this.items.size;
  }
  key(place: number): string | null {
    return Array.from(this.items.keys())[place] ?? null;
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (this.isFull) throw new Error("quota");
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

class Lasting implements LastingStore {
  readonly items = new Map<string, unknown>();
  get(key: string): Promise<unknown> {
    return Promise.resolve(this.items.get(key));
  }
  keys(): Promise<string[]> {
    return Promise.resolve(Array.from(this.items.keys()));
  }
  put(key: string, value: unknown): Promise<void> {
    this.items.set(key, structuredClone(value));
    return Promise.resolve();
  }
  remove(key: string): Promise<void> {
    this.items.delete(key);
    return Promise.resolve();
  }
  clear(): Promise<void> {
    this.items.clear();
    return Promise.resolve();
  }
}

const broken: LastingStore = {
  keys: () => Promise.reject(new Error("private window")),
  get: () => Promise.reject(new Error("private window")),
  put: () => Promise.reject(new Error("private window")),
  remove: () => Promise.reject(new Error("private window")),
  clear: () => Promise.reject(new Error("private window")),
};

let tab: Tab;
let lasting: Lasting;
let now: number;
const open = (owner = "anna", store: LastingStore = lasting) => UnsentInput.open(owner, tab, store, crypto, () => now);
const entries = new Map<string, Entry>([["worker_surname", { typed: "CANARINO", base: null }]]);

beforeEach(() => {
  tab = new Tab();
  lasting = new Lasting();
  now = Date.parse("2026-11-28T10:00:00Z");
});

describe("unsent input", () => {
  it("is in the tab before anything is sent, and nowhere else", async () => {
    const unsent = await open();
    void unsent.keep(DRAFT, entries, false);
    expect(tab.items.get("unsent:app_01")).toContain("CANARINO");
    await unsent.keep(DRAFT, entries, false);
    expect(lasting.items.size).toBe(0);
  });

  it("comes back after a reload", async () => {
    await (await open()).keep(DRAFT, entries, false);
    expect(await (await open()).restore(DRAFT)).toEqual(new Map([["worker_surname", { typed: "CANARINO", base: null }]]));
    expect((await (await open()).restore("app_02")).size).toBe(0);
  });

  it("survives a killed tab once a save has failed, unreadable to whoever looks into the store", async () => {
    await (await open()).keep(DRAFT, entries, true);
    const sealed = lasting.items.get("unsent:app_01") as { text: ArrayBuffer };
    expect(Buffer.from(sealed.text).toString("latin1")).not.toContain("CANARINO");
    const key = lasting.items.get("key") as CryptoKey;
    expect(key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
    tab.items.clear();
    expect((await (await open()).restore(DRAFT)).get("worker_surname")?.typed).toBe("CANARINO");
  });

  it("never uses a number twice with one key", async () => {
    const unsent = await open();
    const seen = new Set<string>();
    for (let time = 0; time < 5; time += 1) {
      await unsent.keep(DRAFT, entries, true);
      seen.add(String((lasting.items.get("unsent:app_01") as { iv: Uint8Array }).iv));
    }
    expect(seen.size).toBe(5);
  });

  it("is forgotten once it is saved", async () => {
    const unsent = await open();
    await unsent.keep(DRAFT, entries, true);
    await unsent.keep(DRAFT, new Map(), false);
    expect(tab.items.size).toBe(0);
    expect(lasting.items.has("unsent:app_01")).toBe(false);
    expect((await unsent.restore(DRAFT)).size).toBe(0);
  });

  it("is erased with its key before another account sees anything", async () => {
    await (await open("anna")).keep(DRAFT, entries, true);
    const other = await open("bruno");
    expect(tab.items.size).toBe(0);
    expect(lasting.items.size).toBe(0);
    expect((await other.restore(DRAFT)).size).toBe(0);
  });

  it("is erased for another account in a new tab, too", async () => {
    await (await open("anna")).keep(DRAFT, entries, true);
    tab.items.clear();
    await open("bruno");
    expect(lasting.items.size).toBe(0);
  });

  it("is erased after twelve hours, and not a minute before", async () => {
    await (await open()).keep(DRAFT, entries, true);
    now += 12 * HOUR - 60_000;
    expect((await (await open()).restore(DRAFT)).size).toBe(1);
    now += 60_000;
    await open();
    expect(tab.items.size).toBe(0);
    expect(lasting.items.size).toBe(0);
  });

  it("is erased at «Esci», and nothing of other pages with it", async () => {
    await (await open()).keep(DRAFT, entries, true);
    tab.setItem("sign-in:state", "x");
    await UnsentInput.erase(tab, lasting);
    expect(Array.from(tab.items.keys())).toEqual(["sign-in:state"]);
    expect(lasting.items.size).toBe(0);
  });

  it("is kept in the tab where the browser has no other store", async () => {
    const unsent = await open("anna", broken);
    await unsent.keep(DRAFT, entries, true);
    expect((await unsent.restore(DRAFT)).size).toBe(1);
    tab.items.clear();
    expect((await unsent.restore(DRAFT)).size).toBe(0);
    await UnsentInput.erase(tab, broken);
  });

  it("is kept in the other store where the tab's is full", async () => {
    tab.isFull = true;
    await (await open()).keep(DRAFT, entries, true);
    expect((await (await open()).restore(DRAFT)).size).toBe(1);
  });

  it("is named by its labels on whatever page, of this tab and of others", async () => {
    const labelOf = (field: string) => `Etichetta di ${field}`;
    const other = new Map<string, Entry>([["employer_city", { typed: "F", base: null }]]);
    await (await open()).keep("app_02", other, true, labelOf);
    tab.items.clear();
    await (await open()).keep(DRAFT, entries, true, labelOf);
    expect((await (await open()).labels()).sort()).toEqual(["Etichetta di employer_city", "Etichetta di worker_surname"]);
    expect(await (await open("anna", broken)).labels()).toEqual(["Etichetta di worker_surname"]);
    await (await open()).keep(DRAFT, new Map(), false, labelOf);
    expect(await (await open()).labels()).toEqual(["Etichetta di employer_city"]);
  });

  it("that somebody has tampered with is as good as none", async () => {
    tab.setItem("unsent:app_01", "{");
    await open();
    tab.setItem("unsent:app_01", "[1]");
    expect((await (await open()).restore(DRAFT)).size).toBe(0);
  });
});
