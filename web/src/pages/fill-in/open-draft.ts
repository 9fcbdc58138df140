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
import { indexedStore } from "../../form/draft/indexed-store";
import { LateValues } from "../../form/draft/late-values";
import { readConflicts, readStoredDraft, type StoredDraft } from "../../form/draft/stored-draft";
import { UnsentInput } from "../../form/draft/unsent-input";
import { checkField } from "../../form/field-check";
import { readModel, type Model, type Value } from "../../form/schema";
import { romeDay } from "../../form/today";
import { atSignOut, warnAtSignOut } from "../../session/session";
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
        if (!this.#isForgotten) void unsent.keep(view.id, entries, mustLast);
      },
      changed: () => void (this.#revision.value += 1),
      arrived: (fields) => announce(formTexts.arrived(fields.map((key) => model.field(key)?.label ?? key))),
    });
    this.#late = new LateValues(draft, {
      now: serverNow,
      after,
      isVisible: () => document.visibilityState === "visible",
      openings: facts.openings,
      read: () => this.#read(),
    });
    this.#uploads = browserUploads(view.id, {
      accepted: async () => void (await this.#read().catch(() => undefined)),
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

  /** The answers that are not saved, by their labels. */
  unsaved(): string[] {
    return Array.from(this.#autosave.entries.keys(), (key) => this.model.field(key)?.label ?? key);
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

  /** «Esci»: nothing of it is kept any more, whatever answer still comes. */
  async forget(): Promise<void> {
    this.#isForgotten = true;
    this.#late.stop();
    this.#uploads.stop();
    await this.#unsent.settled();
  }

  close(): void {
    this.#late.stop();
    this.#uploads.stop();
    void this.autosave.flush();
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

/** What a refusal means for what is typed. */
export function outcomeOf(problem: Problem): Outcome {
  // What no portal wrote refuses nothing, and a mistake of the portal's own may be mended; only an end of the session is one.
  const isUnreadable = problem.kind === UNREADABLE && problem.status !== 401;
  if (problem.isOutcomeUnknown || problem.status === 429 || isUnreadable) {
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

/** The open draft once it is read: «Esci» asks it at once for what is not saved. */
let atHand: OpenDraft | undefined;
let open: { readonly id: string; readonly account: string; readonly draft: Promise<OpenDraft> } | undefined;

/** The open draft of that application; one is open at a time. */
export function openDraft(id: string, account: string): Promise<OpenDraft> {
  if (open?.id === id && open.account === account) {
    void open.draft.then((draft) => draft.open(), () => undefined);
    return open.draft;
  }
  closeDraft();
  const draft = read(id, account);
  open = { id, account, draft };
  draft.then((read) => {
    if (open?.draft === draft) atHand = read;
  }, () => undefined);
  // Who tries again reads again.
  draft.catch(() => void (open = undefined));
  return draft;
}

/** Its pages are left: what is typed is sent, and nobody asks for late values any more. */
export function closeDraft(): void {
  void open?.draft.then((draft) => draft.close(), () => undefined);
  open = undefined;
  atHand = undefined;
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
  warnAtSignOut(() => {
    const labels = atHand?.unsaved() ?? [];
    return labels.length > 0 ? it.session.unsaved(labels.join(", ")) : null;
  });
  atSignOut(async () => {
    await open?.draft.then((draft) => draft.forget(), () => undefined);
    open = undefined;
  });
}

function wake(): void {
  void open?.draft.then((draft) => draft.wake(), () => undefined);
}
