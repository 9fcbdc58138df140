// Sends files of an application and asks what the checks made of them. One file under way for each thing that is asked for.
//
// A state machine: time, requests and storage come from outside. Of a file nothing is kept but the id of its upload, since
// names of files name people.

import { Problem } from "../api/problem";
import type { PermissionView, UploadBody, UploadList, UploadView } from "../api/generated";
import { clockTime, milliseconds } from "../dates/instant";
import { uploadTexts } from "../texts/it/uploads";
import { checkLocally, type ChosenFile, type Limits } from "./local-check";

/** Counted from when the file was sent. */
export const ASKS_MS = [2_000, 4_000, 8_000, 15_000, 30_000];
/** So long after a permission has ended, the portal is asked whether another one can be had. */
const AFTER_END_MS = 2_000;
/** Before the id of an upload whose file has not been sent whole. */
const UNSENT = "-";
/** Fewer than these are said. */
const FEW_ATTEMPTS = 3;

export type UploadState =
  | { readonly kind: "none" }
  | { readonly kind: "preparing"; readonly name: string }
  | { readonly kind: "sending"; readonly name: string; readonly percent: number }
  /** `isSlow` once it was asked often enough: then on return, or when somebody asks. `told` where this tab cannot know more. */
  | { readonly kind: "checking"; readonly name: string; readonly isSlow: boolean; readonly told?: string }
  /** The server's verdict, with every reason. */
  | { readonly kind: "refused"; readonly name: string; readonly message: string; readonly reasons: readonly string[] }
  /** It did not go; the same file can be tried again unless it is the file that is wrong. */
  | { readonly kind: "failed"; readonly name: string; readonly cause: string; readonly mayRetry: boolean };

/** A file that can be read. */
export interface Readable extends ChosenFile {
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What became of a PUT. */
export type Put = "sent" | "cut" | "refused";

export interface Outside<File extends Readable> {
  readonly ask: (body: UploadBody) => Promise<PermissionView>;
  readonly put: (permission: PermissionView, file: File, progress: (percent: number) => void, signal: AbortSignal) => Promise<Put>;
  readonly read: (upload: string) => Promise<UploadView>;
  readonly list: () => Promise<UploadList>;
  /** SHA-256 in hex. */
  readonly digest: (content: ArrayBuffer) => Promise<string>;
  readonly after: (ms: number, run: () => void) => () => void;
  /** Milliseconds of Unix time, by the portal's clock. */
  readonly now: () => number;
  readonly isOnline: () => boolean;
  /** Ids of uploads by purpose, kept for a reload; with a mark while the file travels, the empty text for one that was cancelled. */
  readonly kept: { get(purpose: string): string | null; set(purpose: string, upload: string | null): void };
  /** A file has become a value: the draft is read again before the state says so. */
  readonly accepted: (purpose: string) => Promise<void>;
  readonly changed: () => void;
  readonly say: (text: string) => void;
}

interface Under {
  state: UploadState;
  label: string;
  /** Counts what was begun, so that an answer to something older is known. */
  turn: number;
  upload?: string;
  /** Kept in memory for trying again. */
  again?: () => void;
  abort?: AbortController;
  cancelTimer?: () => void;
}

export class Uploads<File extends Readable> {
  readonly #outside: Outside<File>;
  readonly #all = new Map<string, Under>();
  /** Uploads whose end was told: a list that was read before it does not bring them back. */
  readonly #told = new Set<string>();
  /** Nobody looks: files that travel arrive, and nobody asks what became of them. */
  #isResting = false;
  #list: UploadList | undefined;
  #listing: Promise<void> | undefined;
  #cancelRelist: () => void = () => undefined;

  constructor(outside: Outside<File>) {
    this.#outside = outside;
  }

  state(purpose: string): UploadState {
    return this.#all.get(purpose)?.state ?? { kind: "none" };
  }

  /** What the files are for that would be lost with this page. */
  get travelling(): string[] {
    const all = Array.from(this.#all.values());
    return all.filter(({ state }) => state.kind === "preparing" || state.kind === "sending").map(({ label }) => label);
  }

  /** How many more files can be sent, where that is known. */
  attemptsLeft(purpose: string): number | undefined {
    return this.#list?.open.find((each) => each.purpose === purpose)?.attempts_left;
  }

  /** The same in words, where it is worth saying. */
  attemptsInWords(purpose: string): string | undefined {
    const left = this.attemptsLeft(purpose);
    return left !== undefined && left > 0 && left <= FEW_ATTEMPTS ? uploadTexts.attempts(left) : undefined;
  }

  /** Why no other file can be sent now, and from when on one can; none where one can, or nothing is known. */
  closedInWords(purpose: string): string | undefined {
    if (this.attemptsLeft(purpose) !== 0) return undefined;
    const from = this.#moreFrom();
    return from === undefined ? uploadTexts.exhausted : uploadTexts.exhaustedUntil(clockTime(from));
  }

  /** A page with such fields is opened: what a reload has forgotten is taken up again. */
  open(): Promise<void> {
    this.#isResting = false;
    this.#listing ??= this.#relist().finally(() => (this.#listing = undefined));
    return this.#listing;
  }

  /** The page is seen again, or the line is back. */
  wake(): void {
    for (const [purpose, under] of this.#all) if (under.state.kind === "checking" && under.state.isSlow) this.askNow(purpose);
  }

  /** Asks for the verdict now. */
  askNow(purpose: string): void {
    const under = this.#all.get(purpose);
    if (under?.upload !== undefined) void this.#askOnce(purpose, under, under.turn);
  }

  /** Sends a file; one that is under way for the same purpose is left. */
  async choose(purpose: string, label: string, file: File, limits: Limits): Promise<void> {
    const under = this.#begin(purpose, label);
    const { turn } = under;
    const again = () => void this.choose(purpose, label, file, limits);
    const local = checkLocally(file, limits);
    if ("message" in local) return this.#fail(under, file.name, local.message);
    const closed = this.closedInWords(purpose);
    if (closed !== undefined) return this.#fail(under, file.name, closed);
    if (!this.#outside.isOnline()) return this.#fail(under, file.name, uploadTexts.offline, again);
    this.#set(under, { kind: "preparing", name: file.name });
    this.#outside.say(uploadTexts.started(label));
    let sha256: string;
    try {
      sha256 = await this.#outside.digest(await file.arrayBuffer());
    } catch {
      if (under.turn === turn) this.#fail(under, file.name, uploadTexts.unreadable);
      return;
    }
    if (under.turn !== turn) return;
    let permission: PermissionView;
    try {
      permission = await this.#outside.ask({ purpose, media_type: local.mediaType, bytes: file.size, sha256 });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (under.turn !== turn) return;
      // What the API says of each member is about the file.
      const isOfFile = error.status === 422;
      return this.#fail(under, file.name, isOfFile ? (error.errors[0]?.message ?? error.detail) : error.detail, isOfFile ? undefined : again);
    }
    if (under.turn !== turn) return;
    under.abort = new AbortController();
    this.#outside.kept.set(purpose, UNSENT + permission.upload);
    this.#set(under, { kind: "sending", name: file.name, percent: 0 });
    const progress = (percent: number) => {
      if (under.turn === turn && under.state.kind === "sending") this.#set(under, { kind: "sending", name: file.name, percent });
    };
    const outcome = await this.#outside.put(permission, file, progress, under.abort.signal);
    if (under.turn !== turn) return;
    delete under.abort;
    if (outcome !== "sent") {
      const cause = outcome === "refused" ? uploadTexts.late : this.#outside.isOnline() ? uploadTexts.cut : uploadTexts.offline;
      return this.#fail(under, file.name, cause, again);
    }
    this.#outside.kept.set(purpose, permission.upload);
    this.#outside.say(uploadTexts.checking);
    if (this.#isResting) return this.#putAside(under);
    this.#follow(purpose, under, permission.upload, file.name);
  }

  /** Tries the same file again. */
  retry(purpose: string): void {
    this.#all.get(purpose)?.again?.();
  }

  /** Leaves the file that is on its way. */
  cancel(purpose: string): void {
    const under = this.#all.get(purpose);
    if (!under) return;
    this.#leave(under);
    this.#outside.kept.set(purpose, "");
    this.#set(under, { kind: "none" });
    this.#outside.say(uploadTexts.cancelled(under.label));
  }

  /** What was said about a file that is no value is not shown any more. */
  dismiss(purpose: string): void {
    const under = this.#all.get(purpose);
    if (!under) return;
    this.#outside.kept.set(purpose, "");
    this.#putAside(under);
  }

  /** The pages with such fields are left: files that travel go on, and verdicts are asked for on return. */
  rest(): void {
    this.#isResting = true;
    this.#cancelRelist();
    for (const under of this.#all.values()) if (under.state.kind === "checking") this.#putAside(under);
  }

  /** «Esci»: nobody asks any more, and files that travel are left. */
  stop(): void {
    this.#cancelRelist();
    for (const under of this.#all.values()) this.#putAside(under);
  }

  /** Puts it aside, as if nothing had been chosen. */
  #putAside(under: Under): void {
    this.#leave(under);
    this.#set(under, { kind: "none" });
  }

  #begin(purpose: string, label: string): Under {
    const under = this.#all.get(purpose) ?? { state: { kind: "none" }, label, turn: 0 };
    this.#leave(under);
    under.label = label;
    this.#all.set(purpose, under);
    return under;
  }

  #leave(under: Under): void {
    under.turn += 1;
    under.abort?.abort();
    under.cancelTimer?.();
    delete under.abort;
    delete under.again;
    delete under.upload;
  }

  #fail(under: Under, name: string, cause: string, again?: () => void): void {
    if (again) under.again = again;
    this.#set(under, { kind: "failed", name, cause, mayRetry: again !== undefined });
    this.#outside.say(`${uploadTexts.failed}. ${cause}`);
  }

  #set(under: Under, state: UploadState): void {
    under.state = state;
    this.#outside.changed();
  }

  /** Asks for the verdict a few times; after that when the page is seen again. */
  #follow(purpose: string, under: Under, upload: string, name: string, told?: string): void {
    under.upload = upload;
    this.#set(under, { kind: "checking", name, isSlow: false, ...(told === undefined ? {} : { told }) });
    const { turn } = under;
    const plan = (asks: number) => {
      const at = ASKS_MS[asks];
      if (at === undefined) return this.#set(under, { kind: "checking", name, isSlow: true });
      under.cancelTimer = this.#outside.after(at - (ASKS_MS[asks - 1] ?? 0), () => {
        void this.#askOnce(purpose, under, turn).then(() => {
          if (under.turn === turn && under.state.kind === "checking") plan(asks + 1);
        });
      });
    };
    plan(0);
  }

  async #askOnce(purpose: string, under: Under, turn: number): Promise<void> {
    if (under.upload === undefined) return;
    try {
      const view = await this.#outside.read(under.upload);
      if (under.turn === turn) await this.#judge(purpose, under, view);
    } catch (error) {
      // The next ask may reach it.
      if (!(error instanceof Problem)) throw error;
    }
  }

  async #judge(purpose: string, under: Under, view: UploadView): Promise<void> {
    const name = nameOf(under.state);
    if (view.state !== "awaited") this.#told.add(view.upload);
    switch (view.state) {
      case "accepted": {
        const { turn } = under;
        await this.#outside.accepted(purpose);
        if (under.turn !== turn) return;
        this.#leave(under);
        this.#outside.kept.set(purpose, null);
        this.#set(under, { kind: "none" });
        this.#outside.say(uploadTexts.accepted(under.label));
        void this.open().catch(() => undefined);
        return;
      }
      case "refused":
        this.#leave(under);
        this.#set(under, { kind: "refused", name, message: view.message, reasons: view.refusals.map(({ text }) => text) });
        this.#outside.say([`${uploadTexts.refused}.`, ...view.refusals.map(({ text }) => text)].join(" "));
        void this.open().catch(() => undefined);
        return;
      case "expired":
        this.#leave(under);
        this.#outside.kept.set(purpose, null);
        return this.#fail(under, name, view.message);
      default:
    }
  }

  /** When the first of the permissions that are under way ends and makes room for another; none where none is. */
  #moreFrom(): number | undefined {
    const ends = (this.#list?.uploads ?? []).filter(({ state }) => state === "awaited").map(({ until }) => milliseconds(until) ?? 0);
    const next = Math.min(...ends.filter((end) => end > this.#outside.now()));
    return Number.isFinite(next) ? next : undefined;
  }

  /** Whoever waits for room need not load the page again. */
  #planRelist(): void {
    this.#cancelRelist();
    const from = this.#list?.open.some(({ attempts_left }) => attempts_left === 0) ? this.#moreFrom() : undefined;
    if (from === undefined) return;
    this.#cancelRelist = this.#outside.after(from - this.#outside.now() + AFTER_END_MS, () => void this.open());
  }

  async #relist(): Promise<void> {
    try {
      this.#list = await this.#outside.list();
    } catch (error) {
      // The limits stay unknown; whoever chooses a file is told by its permission.
      if (!(error instanceof Problem)) throw error;
      return;
    }
    if (this.#isResting) return;
    this.#planRelist();
    const seen = new Set<string>();
    for (const view of this.#list.uploads) {
      if (seen.has(view.purpose)) continue;
      seen.add(view.purpose);
      if (this.state(view.purpose).kind !== "none" || this.#told.has(view.upload)) continue;
      const kept = this.#outside.kept.get(view.purpose);
      if (view.state === "awaited" && kept === UNSENT + view.upload) {
        this.#fail(this.#begin(view.purpose, view.label), uploadTexts.nameless, uploadTexts.unfinished);
      } else if (view.state === "awaited" && kept !== "") {
        const under = this.#begin(view.purpose, view.label);
        // Of a file that another tab has chosen the portal alone knows whether it was sent.
        this.#follow(view.purpose, under, view.upload, uploadTexts.nameless, kept === view.upload ? undefined : view.message);
      } else if (kept === view.upload || kept === UNSENT + view.upload || (view.state === "refused" && kept !== "")) {
        const under = this.#begin(view.purpose, view.label);
        under.upload = view.upload;
        under.state = { kind: "checking", name: uploadTexts.nameless, isSlow: false };
        await this.#judge(view.purpose, under, view);
      }
    }
    this.#outside.changed();
  }
}

function nameOf(state: UploadState): string {
  return "name" in state ? state.name : uploadTexts.nameless;
}
