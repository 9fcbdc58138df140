// The public facts: static files that publish-facts writes and CloudFront serves. Public pages know nothing else.

import { signal, type Signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { CALENDAR } from "./address";

/** A window of the calendar; `until` is the first instant outside. */
export interface Window {
  from: string;
  until: string | null;
}

/** A model of a campaign with its windows. */
export interface Model {
  id: string;
  label: string;
  source: string;
  menu: string[];
  can_be_filled_in: boolean;
  click_day: string | null;
  click_day_in_words: string | null;
  off_quota: Window | null;
  start: Window[];
  edit: Window[];
  submit: Window[];
  read_closed: Window[];
  /** The form with its version, once the calendar names it. */
  schema?: string | null;
  form_url?: string | null;
}

/** A quota line of a campaign. */
export interface Quota {
  id: string;
  label: string;
  models: string[];
  places: number;
  reserved_for: string | null;
  source: string;
}

/** A campaign as the public reads it. */
export interface Campaign {
  campaign: string;
  version: number;
  year: number;
  title: string;
  law: string;
  clock_offset_ms: number;
  private_limit: number | null;
  privacy: { version: string; url: string } | null;
  models: Model[];
  quotas: Quota[];
  /** How submissions are ordered: where `armed`, people can arm. Absent in older files. */
  order?: "chronological" | "armed";
  /** Whether it is one of those that people are meant to see now; absent in older files. */
  current?: boolean;
  /** When an address and a password open an account; null or absent where they never do. */
  password_sign_in?: Window | null;
}

/** A part of the portal and whether it works. */
export interface Part {
  part: string;
  label: string;
  works: boolean;
  since: string;
  text: string;
}

/** A notice of one of the three lists. */
export interface Notice {
  id: string;
  list: "avvisi" | "novita" | "leggi";
  title: string;
  text: string;
  published: string;
  link?: string | null;
}

/** A planned maintenance. */
export interface Maintenance {
  from: string;
  until: string;
  text: string;
}

/** A document to be downloaded. */
export interface PublicDocument {
  id: string;
  title: string;
  description: string;
  url: string;
  version: string;
  bytes: number;
}

/** A privacy notice. */
export interface PrivacyNotice {
  campaign: string;
  version: string;
  title: string;
  law: string;
  language: string;
  sections: { point: string; title: string; paragraphs: string[] }[];
}

/** The public key of one campaign's receipts. */
export interface ReceiptKey {
  key_id: string;
  campaign: string;
  public_key: string;
}

/** A public key of one campaign's log: name, identifier and key, as signed-note writes them. */
export interface LogKey {
  campaign: string;
  vkey: string;
}

/** What each file holds. */
interface Files {
  "calendar.json": { campaigns: Campaign[] };
  "status.json": { parts: Part[]; maintenance?: Maintenance[] };
  "notices.json": { notices: Notice[] };
  "documents.json": { documents: PublicDocument[] };
  "receipt-keys.json": { keys: ReceiptKey[] };
  "log-keys.json": { keys: LogKey[] };
}

/** A file as a page sees it. `absent` is no failure: nothing of the kind was published yet. */
export type Fact<T> =
  | { state: "loading" }
  | { state: "ready"; data: T; at: number }
  | { state: "absent" }
  | { state: "failed" };

const files = new Map<string, Signal<Fact<unknown>>>();

async function load(url: string, into: Signal<Fact<unknown>>, cache: RequestCache): Promise<void> {
  const before = into.value;
  try {
    const answer = await fetch(url, { cache, credentials: "omit" });
    // The bucket answers 403 for what is not there, since nobody may list it.
    if (answer.status === 404 || answer.status === 403) into.value = { state: "absent" };
    else if (answer.ok) into.value = { state: "ready", data: await answer.json(), at: Date.now() };
    else throw new Error(String(answer.status));
  } catch {
    // What was read before stays, with its hour.
    if (before.state !== "ready") into.value = { state: "failed" };
  }
}

function of(url: string): Signal<Fact<unknown>> {
  let found = files.get(url);
  if (!found) {
    found = signal<Fact<unknown>>({ state: "loading" });
    files.set(url, found);
  }
  return found;
}

/** Reads a file once for all pages; `again` asks the portal whether the browser's copy is still true. */
export function readFact(url: string, again = false): Promise<void> {
  const fact = of(url);
  if (!again && fact.value.state === "ready") return Promise.resolve();
  return load(url, fact, again ? "no-cache" : "default");
}

function inCalendar(name: string): Campaign | undefined {
  const fact = of(CALENDAR).value as Fact<Files["calendar.json"]>;
  return fact.state === "ready" ? fact.data.campaigns.find(({ campaign }) => campaign === name) : undefined;
}

/**
 * A campaign of the calendar; none while it cannot be read, or when there is none of that name. The browser's copy may be older
 * than the campaign: the portal is asked once more before it counts as missing.
 */
export async function readCampaign(name: string): Promise<Campaign | undefined> {
  await readFact(CALENDAR);
  if (!inCalendar(name)) await readFact(CALENDAR, true);
  return inCalendar(name);
}

/** The same inside a component; null when there is none of that name. */
export function useCampaign(name: string): Fact<Campaign | null> {
  const fact = of(CALENDAR).value as Fact<Files["calendar.json"]>;
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    void readCampaign(name).then(() => setAsked(name));
  }, [name]);
  if (fact.state !== "ready") return fact;
  const found = inCalendar(name);
  if (!found && asked !== name) return { state: "loading" };
  return { ...fact, data: found ?? null };
}

/** A fact inside a component. */
export function useFact<F extends keyof Files>(file: F): Fact<Files[F]> {
  return useFile<Files[F]>(`/facts/${file}`);
}

/** A file at an address that another fact names, such as a privacy notice. */
export function useFile<T>(url: string | null): Fact<T> {
  const fact = of(url ?? "");
  useEffect(() => {
    if (url) void readFact(url);
  }, [url]);
  return fact.value as Fact<T>;
}
