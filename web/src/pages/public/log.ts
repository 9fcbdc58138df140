// Proves in the browser that a receipt is in the public log of its campaign, from static files alone (RNK-3). The format is
// docs/log-format.md, its other judge docs/verify_log.py.

import type { LogKey } from "../../facts/facts";
import { ed25519Fits, type Receipt } from "./verify";

/** Where a receipt stands in the log. */
export type Place =
  | { state: "proven"; size: number; number: number }
  /** A receipt promises a day: this one is younger, or older. */
  | { state: "not-yet" | "missing" }
  /** The files contradict the signed head. */
  | { state: "broken" }
  /** No head is there, or the files cannot be read now: nothing can be said. */
  | { state: "unreachable" };

/** Reads a file of the log; null where it cannot be had. */
export type Read = (path: string) => Promise<Bytes | null>;

type Bytes = Uint8Array<ArrayBuffer>;

const WIDTH = 256;
const MERGE_DELAY_MS = 24 * 3600 * 1000;

class Unreachable extends Error {}
class Broken extends Error {}

const utf8 = (text: string): Bytes => new TextEncoder().encode(text);
const text = (bytes: Bytes): string => new TextDecoder().decode(bytes);

function base64(encoded: string): Bytes {
  return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
}

function joined(...parts: Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const hex = (bytes: Bytes): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
// RFC 9162, 2.1.1.
const leafHash = (entry: Bytes): Promise<Bytes> => sha256(joined(Uint8Array.of(0), entry));
const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(joined(Uint8Array.of(1), left, right));

/** The largest power of two below a number of entries. */
function half(size: number): number {
  let found = 1;
  while (found * 2 < size) found *= 2;
  return found;
}

async function entryOf(receipt: Receipt): Promise<string> {
  const lines = ["log entry v1", receipt.code, receipt.application, receipt.digest];
  const commitment = hex(await sha256(utf8(lines.join("\n"))));
  return JSON.stringify({ v: 1, model: receipt.model, arrival: receipt.arrival, receipt: commitment });
}

/** Size and root of a signed head; none where no key of the campaign signed it. */
async function opened(note: string, keys: readonly LogKey[], campaign: string): Promise<{ size: number; root: Bytes } | null> {
  const [signed, signatures] = note.split("\n\n");
  const [name, size, root, ...more] = signed?.split("\n") ?? [];
  if (!name?.endsWith(`/${campaign}`) || !/^[0-9]{1,15}$/.test(size ?? "") || !root || more.length > 0) return null;
  for (const { vkey } of keys.filter((key) => key.campaign === campaign)) {
    const [keyName, id, ...rest] = vkey.split("+");
    // The key is base64, which may have a plus of its own.
    const key = base64(rest.join("+"));
    const ownId = (await sha256(joined(utf8(`${keyName}\n`), key))).slice(0, 4);
    for (const line of signatures?.split("\n") ?? []) {
      const [dash, signer, signature] = line.split(" ");
      if (dash !== "—" || signer !== name || keyName !== name || hex(ownId) !== id || !signature) continue;
      const bytes = base64(signature);
      if (hex(bytes.slice(0, 4)) !== id) continue;
      if (await ed25519Fits(bytes.slice(4), utf8(`${signed}\n`), key.slice(1))) return { size: Number(size), root: base64(root) };
    }
  }
  return null;
}

/** A log as its files and head tell it. */
class Log {
  private readonly files = new Map<string, Promise<Bytes | null>>();

  constructor(
    private readonly read: Read,
    readonly size: number,
  ) {}

  private async tile(layer: string | number, number: number, count: number): Promise<{ content: Bytes; width: number }> {
    const width = Math.min(count - number * WIDTH, WIDTH);
    let path = String(number % 1000).padStart(3, "0");
    for (let rest = Math.floor(number / 1000); rest > 0; rest = Math.floor(rest / 1000)) path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
    const whole = `tile/${layer}/${path}${width === WIDTH ? "" : `.p/${width}`}`;
    const reading = this.files.get(whole) ?? this.read(whole);
    this.files.set(whole, reading);
    const content = await reading;
    if (!content) throw new Unreachable();
    return { content, width };
  }

  async entries(bundle: number): Promise<string[]> {
    const { content, width } = await this.tile("entries", bundle, this.size);
    const found: string[] = [];
    for (let at = 0; at + 2 <= content.length; ) {
      const end = at + 2 + ((content[at] ?? 0) << 8) + (content[at + 1] ?? 0);
      found.push(text(content.slice(at + 2, end)));
      at = end;
    }
    if (found.length !== width) throw new Broken();
    return found;
  }

  /** Number of an entry: searched from where its arrival should be, outwards, until all was looked at. */
  async find(entry: string): Promise<number | null> {
    const arrivalOf = (one: string | undefined): string => /"arrival":"([^"]*)"/.exec(one ?? "")?.[1] ?? "";
    const bundles = Math.ceil(this.size / WIDTH);
    let [low, high] = [0, bundles];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (arrivalOf((await this.entries(middle))[0]) <= arrivalOf(entry)) low = middle + 1;
      else high = middle;
    }
    for (let away = 0; away <= bundles; away += 1) {
      for (const bundle of new Set([low - 1 - away, low - 1 + away])) {
        if (bundle < 0 || bundle >= bundles) continue;
        const at = (await this.entries(bundle)).indexOf(entry);
        if (at >= 0) return bundle * WIDTH + at;
      }
    }
    return null;
  }

  /** The hash of the complete subtree of 2 ** level entries. */
  private async complete(level: number, number: number): Promise<Bytes> {
    const tileLevel = Math.floor(level / 8);
    const within = 2 ** (level % 8);
    const first = number * within;
    const { content } = await this.tile(tileLevel, Math.floor(first / WIDTH), Math.floor(this.size / 2 ** (8 * tileLevel)));
    const at = first % WIDTH;
    let hashes = Array.from({ length: within }, (_, n) => content.slice(32 * (at + n), 32 * (at + n + 1)));
    while (hashes.length > 1) {
      const pairs = hashes.filter((_, n) => n % 2 === 0).map((left, n) => [left, hashes[2 * n + 1] ?? left] as const);
      hashes = await Promise.all(pairs.map(([left, right]) => nodeHash(left, right)));
    }
    return hashes[0] ?? new Uint8Array();
  }

  private async subtree(start: number, end: number): Promise<Bytes> {
    const size = end - start;
    const level = Math.round(Math.log2(size));
    if (2 ** level === size) return this.complete(level, start / size);
    const middle = start + half(size);
    return nodeHash(await this.subtree(start, middle), await this.subtree(middle, end));
  }

  /** The root as it follows from one entry at its place and the subtrees beside its way up (RFC 9162, 2.1.3). */
  async rootBy(number: number, leaf: Bytes, start = 0, end = this.size): Promise<Bytes> {
    if (end - start === 1) return leaf;
    const middle = start + half(end - start);
    return number < middle
      ? nodeHash(await this.rootBy(number, leaf, start, middle), await this.subtree(middle, end))
      : nodeHash(await this.subtree(start, middle), await this.rootBy(number, leaf, middle, end));
  }
}

/** Looks for a receipt, whose signature was checked, in the log of its campaign. `now` is in Unix milliseconds. */
export async function prove(receipt: Receipt, keys: readonly LogKey[], read: Read, now: number): Promise<Place> {
  try {
    const note = await read("checkpoint");
    if (!note) return { state: "unreachable" };
    const head = await opened(text(note), keys, receipt.campaign);
    if (!head) return { state: "broken" };
    const log = new Log(read, head.size);
    const entry = await entryOf(receipt);
    const number = await log.find(entry);
    if (number === null) return { state: now - Date.parse(receipt.arrival) < MERGE_DELAY_MS ? "not-yet" : "missing" };
    const root = await log.rootBy(number, await leafHash(utf8(entry)));
    return hex(root) === hex(head.root) ? { state: "proven", size: head.size, number } : { state: "broken" };
  } catch (error) {
    return { state: error instanceof Unreachable ? "unreachable" : "broken" };
  }
}

/** Reads the files of a campaign's log from the portal's own facts. */
export function fromFacts(campaign: string): Read {
  return async (path) => {
    try {
      const answer = await fetch(`/facts/log/${campaign}/${path}`, { credentials: "omit", signal: AbortSignal.timeout(20_000) });
      return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
    } catch {
      return null;
    }
  };
}
