// A draft that is open on the pages of «Compila»: read once, shared by its pages, saved by itself, kept against reload and
// crash, and looked after while registries owe values.

import { signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { api, call, Problem } from "../../api/client";
import type { DraftView } from "../../api/generated";
import { UNREADABLE } from "../../api/problem";
import { serverNow, setServerClock } from "../../clock/clock";
import { announce } from "../../components/live";
import { milliseconds } from "../../dates/instant";
import { readCampaign } from "../../facts/facts";
import { completeness, type Completeness } from "../../form/completeness";
import { withDerived } from "../../form/derivation";
import { Autosave, type Change, type Outcome } from "../../form/draft/autosave";
import { alsoLost } from "../../form/draft/guard-input";
import { indexedStore } from "../../form/draft/indexed-store";
import { LateValues } from "../../form/draft/late-values";
import { readConflicts, readStoredDraft, type StoredDraft } from "../../form/draft/stored-draft";
import { UnsentInput } from "../../form/draft/unsent-input";
import { checkField } from "../../form/field-check";
import { readModel, type Model, type Value } from "../../form/schema";
import { romeDay } from "../../form/today";
import { atSignOut } from "../../session/session";
import { it } from "../../texts/it";
import { browserUploads } from "../../uploads/browser-uploads";
import type { Uploads } from "../../uploads/uploads";
import { formTexts } from "../../texts/it/form";

/** A draft that was read longer ago is read again when one of its pages is opened. */
const OLD_MS = 30_000;

export class OpenDraft {
  readonly model: Model;
  readonly #autosave: Autosave;
  readonly #view: Signal<DraftView>;
  /** Counts changes of what is typed and saved. */
  readonly #revision = signal(0);
  readonly #late: LateValues;
  readonly #unsent: UnsentInput;
  readonly #clockOffset: number;
  #isForgotten = false;
  #readAt = serverNow();
  readonly id: string;
  readonly #uploads: Uploads<File>;

  constructor(view: DraftView, model: Model, unsent: UnsentInput, facts: CampaignFacts) {
    this.id = view.id;
    this.model = model;
    this.#view = signal(view);
    this.#unsent = unsent;
    this.#clockOffset = facts.clockOffset;
    const after = (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    };
    const draft = readStoredDraft(view);
    this.#autosave = new Autosave(draft, {
      now: serverNow,
      after,
      save: (changes, isExplicit) => this.#save(changes, isExplicit),
      check: (key, typed) => this.check(key, typed),
      keep: (entries, mustLast) => {
        if (!this.#isForgotten) void unsent.keep(view.id, entries, mustLast, (key) => this.#label(key));
      },
      changed: () => void (this.#revision.value += 1),
      arrived: (fields) => announce(formTexts.arrived(fields.map((key) => this.#label(key)))),
    });
    this.#late = new LateValues(draft, {
      now: serverNow,
      after,
      isVisible: () => document.visibilityState === "visible",
      openings: facts.openings,
      read: () => this.#read(),
    });
    this.#uploads = browserUploads(view.id, {
      accepted: async () => {
        const read = () => this.#read().catch(() => undefined);
        // An answer that a save has overtaken may lack the file.
        if (!(await read())) await read();
      },
      changed: () => void (this.#revision.value += 1),
    });
  }

  /** The files that are on their way into the draft; whatever component reads it is drawn anew with each change. */
  get uploads(): Uploads<File> {
    void this.#revision.value;
    return this.#uploads;
  }

  /** The draft as the API told it last: percent, remarks, state, actions. */
  get view(): ReadonlySignal<DraftView> {
    return this.#view;
  }

  /** The answers that are not saved and the files that have not arrived, by their labels. */
  unsaved(): string[] {
    return [...Array.from(this.#autosave.entries.keys(), (key) => this.#label(key)), ...this.#uploads.travelling];
  }

  #label(key: string): string {
    return this.model.field(key)?.label ?? key;
  }

  /** What is typed and how it is saved; whatever component reads it is drawn anew with each change. */
  get autosave(): Autosave {
    void this.#revision.value;
    return this.#autosave;
  }

  /** Whether the caller may save now. */
  get mayEdit(): boolean {
    return this.#view.value.actions.some(({ action, closed }) => action === "save" && !closed);
  }

  get today(): string {
    return romeDay(serverNow() + this.#clockOffset);
  }

  /** How far it is with all that this page holds for right; where nothing can be saved, with what is stored. */
  completeness(): Completeness {
    const { autosave } = this;
    const answers = this.mayEdit ? autosave.answers() : autosave.draft.values;
    return completeness(this.model, withDerived(this.model, answers), this.today);
  }

  check(key: string, typed: Value) {
    const field = this.model.field(key);
    return field ? checkField(this.model, field, typed, this.today) : { code: "unknown-field", message: "" };
  }

  /** Fields whose typed text is not saved because it is wrong. */
  refused(): Set<string> {
    return new Set(Array.from(this.autosave.entries.keys()).filter((key) => this.autosave.mistake(key) !== undefined));
  }

  async restore(): Promise<void> {
    this.autosave.restore(await this.#unsent.restore(this.id));
  }

  /** The page is seen again, or the network is back: what stopped may pass now, such as a session that was entered again. */
  wake(): void {
    this.#late.seen();
    this.#uploads.wake();
    const { kind } = this.#autosave.state;
    if (kind === "failed" || (kind === "stopped" && document.visibilityState === "visible")) void this.#autosave.resume();
  }

  /** One of its pages is opened: colleagues and registries may have written meanwhile. */
  open(): void {
    if (serverNow() - this.#readAt > OLD_MS) void this.#read().catch(() => undefined);
  }

  /** «Esci»: nothing of it is kept or sent any more, whatever answer still comes. */
  async forget(): Promise<void> {
    this.#isForgotten = true;
    this.#autosave.end();
    this.#late.stop();
    this.#uploads.stop();
    await this.#unsent.settled();
  }

  /** Its pages are left: what is typed goes on being saved, and files go on travelling. */
  close(): void {
    this.#late.stop();
    this.#uploads.rest();
    void this.#autosave.flush();
  }

  /** Its pages are open again: what is typed is all here, and what changed elsewhere is read. */
  async reopen(): Promise<this> {
    this.#late.start();
    try {
      await this.#read();
    } catch (error) {
      if (!(error instanceof Problem) || !mayPass(error)) throw error;
    }
    return this;
  }

  /** Whether something of it would be lost, or be saved twice, if another one took its place. */
  get isBusy(): boolean {
    return this.#autosave.isBusy || this.#uploads.travelling.length > 0;
  }

  /** None where the answer is older than what is known. */
  async #read(): Promise<StoredDraft | undefined> {
    const mark = this.#autosave.beginRead();
    const { data } = await call((options) => api.readDraft(this.id, options));
    const draft = readStoredDraft(data);
    if (!this.#autosave.receive(draft, mark)) return undefined;
    this.#view.value = data;
    this.#readAt = serverNow();
    return draft;
  }

  async #save(changes: readonly Change[], isExplicit: boolean): Promise<Outcome> {
    let view: DraftView;
    try {
      const body = { changes: changes.map((change) => ({ ...change })), save: isExplicit };
      view = (await call((options) => api.saveDraft(this.id, body, options))).data;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return outcomeOf(error);
    }
    let draft: StoredDraft;
    try {
      draft = readStoredDraft(view);
    } catch {
      // Something before the portal has answered in its place.
      return { kind: "failed", cause: it.state.unreadable };
    }
    this.#view.value = view;
    this.#late.told(draft);
    return { kind: "saved", draft, refused: view.refused ?? [] };
  }
}

/** What no portal wrote refuses nothing, and a mistake of the portal's own may be mended; a session that is over stays so. */
function mayPass(problem: Problem): boolean {
  const isUnreadable = problem.kind === UNREADABLE && problem.status !== 401;
  return problem.isOutcomeUnknown || problem.status === 429 || isUnreadable;
}

/** What a refusal means for what is typed. */
export function outcomeOf(problem: Problem): Outcome {
  if (mayPass(problem)) {
    return { kind: "failed", cause: problem.detail, retryAfterMs: problem.retryAfterMs ?? undefined };
  }
  const conflicts = readConflicts(problem.extra["conflicts"]);
  if (problem.status === 409 && conflicts.length > 0) return { kind: "conflict", conflicts };
  if (problem.status === 422 && problem.errors.length > 0) return { kind: "refused", errors: problem.errors };
  return { kind: "stopped", cause: problem.detail };
}

/** What the public facts say about the draft's campaign; nothing where they cannot be read. */
export interface CampaignFacts {
  readonly clockOffset: number;
  readonly openings: readonly number[];
}

interface Held {
  readonly account: string;
  readonly draft: Promise<OpenDraft>;
  isOpen: boolean;
  /** Once it is read. */
  read: OpenDraft | undefined;
}

/** The open draft, and closed ones with something to save or send: two that save one application would undo each other's work. */
const held = new Map<string, Held>();

/** The open draft of that application; one is open at a time. */
export function openDraft(id: string, account: string): Promise<OpenDraft> {
  const open = held.get(id);
  if (open?.isOpen && open.account === account) {
    void open.draft.then((draft) => draft.open(), () => undefined);
    return open.draft;
  }
  closeDraft();
  for (const [key, each] of held) if (each.account !== account || (each.read && !each.read.isBusy)) letGo(key, each);
  const known = held.get(id);
  const draft = known ? again(known) : read(id, account);
  const now: Held = { account, draft, isOpen: true, read: known?.read };
  held.set(id, now);
  draft.then(
    (read) => void (now.read = read),
    // Who tries again reads again.
    () => letGo(id, now),
  );
  return draft;
}

/** Its pages are left: what is typed is sent, and nobody asks for late values any more. */
export function closeDraft(): void {
  for (const each of held.values()) {
    if (!each.isOpen) continue;
    each.isOpen = false;
    void each.draft.then((draft) => {
      // It may have been opened again before it was read.
      if (!held.get(draft.id)?.isOpen) draft.close();
    }, () => undefined);
  }
}

/** One that is still being read is new enough. */
function again({ read, draft }: Held): Promise<OpenDraft> {
  return read ? read.reopen() : draft;
}

/** What it has stored stays, for whoever reads the application again. */
function letGo(id: string, each: Held): void {
  if (held.get(id) === each) held.delete(id);
  void forget(each);
}

async function forget({ read, draft }: Held): Promise<void> {
  await (read ?? (await draft.catch(() => undefined)))?.forget();
}

async function read(id: string, account: string): Promise<OpenDraft> {
  const unsent = await UnsentInput.open(account, sessionStorage, indexedStore, crypto, Date.now);
  const { data } = await call((options) => api.readDraft(id, options));
  // The day decides over dates, so it is the server's; without an answer this computer's will do.
  const clock = setServerClock(1).catch(() => undefined);
  const [model, facts] = await Promise.all([modelOf(data.schema), factsOf(data), clock]);
  const draft = new OpenDraft(data, model, unsent, facts);
  await draft.restore();
  return draft;
}

const models = new Map<string, Model>();

async function modelOf(schema: string): Promise<Model> {
  const known = models.get(schema);
  if (known) return known;
  const { data } = await call((options) => api.readModel(schema, options));
  const model = readModel(data);
  models.set(schema, model);
  return model;
}

async function factsOf({ campaign, model }: DraftView): Promise<CampaignFacts> {
  const facts = await readCampaign(campaign);
  const windows = facts?.models.find((each) => each.id === model)?.submit ?? [];
  const clockOffset = facts?.clock_offset_ms ?? 0;
  const openings = windows.map(({ from }) => milliseconds(from)).filter((at) => at !== null);
  return { clockOffset, openings: openings.map((at) => at - clockOffset) };
}

if (typeof document !== "undefined") {
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  alsoLost(() => Array.from(held.values()).flatMap(({ read }) => read?.unsaved() ?? []));
  atSignOut(async () => {
    const all = Array.from(held.values());
    held.clear();
    await Promise.all(all.map(forget));
  });
}

function wake(): void {
  for (const { read } of held.values()) read?.wake();
}
