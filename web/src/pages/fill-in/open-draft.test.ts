import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SessionView } from "../../api/generated";
import { Problem } from "../../api/problem";
import { servedModels } from "../../form/shared-fixtures";
import { it as texts } from "../../texts/it";
import { outcomeOf } from "./open-draft";

const refusal = (status: number, more: object = {}, headers: Record<string, string> = {}) =>
  Problem.of(status, { type: "https://x/y", title: "T", status, detail: "Perché.", request_id: "r", ...more }, new Headers(headers));

describe("what the API answers to a save", () => {
  it("and passes by itself is tried again, as late as the API says", () => {
    expect(outcomeOf(Problem.network()).kind).toBe("failed");
    for (const status of [429, 500, 502, 503, 504]) {
      expect(outcomeOf(refusal(status, {}, { "retry-after": "7" }))).toEqual({ kind: "failed", cause: "Perché.", retryAfterMs: 7000 });
    }
    for (const status of [403, 500, 502]) {
      expect(outcomeOf(Problem.of(status, "<html>", new Headers())).kind, String(status)).toBe("failed");
    }
    expect(outcomeOf(Problem.of(401, "<html>", new Headers())).kind).toBe("stopped");
  });

  it("and names fields is about these fields", () => {
    const errors = [{ field: "worker_name", code: "too-long", message: "Accorcia." }];
    expect(outcomeOf(refusal(422, { errors }))).toEqual({ kind: "refused", errors });
    const conflicts = [{ field: "worker_name", yours: "A", theirs: 7, base: null }];
    expect(outcomeOf(refusal(409, { conflicts }))).toEqual({ kind: "conflict", conflicts });
    const told = [{ ...conflicts[0], by: "colleague", at: "2026-11-28T12:30:00.000+01:00" }];
    expect(outcomeOf(refusal(409, { conflicts: told }))).toEqual({ kind: "conflict", conflicts: told });
    const unknown = [{ ...conflicts[0], by: "somebody-new" }];
    expect(outcomeOf(refusal(409, { conflicts: unknown }))).toEqual({ kind: "conflict", conflicts });
  });

  it("and would not change by itself stops, with what to do", () => {
    for (const [status, more] of [[401, {}], [403, {}], [404, {}], [409, {}], [409, { conflicts: "no list" }], [413, {}], [422, {}]] as const) {
      expect(outcomeOf(refusal(status, more)), String(status)).toEqual({ kind: "stopped", cause: "Perché." });
    }
  });
});

const AT = "2026-11-28T12:04:00+01:00";
const SCHEMA = "c-stag-agricoltura@1";
const STORED = "unsent:app_1";
const refused = (status: number): [number, object] => [status, { type: "https://x/y", title: "T", status, detail: "Perché.", request_id: "r" }];

/** A browser whose tab shows a draft, and the portal behind it. */
class World {
  values: Record<string, { value: string; source: string; at: string }> = {};
  percent = 10;
  isWaiting = false;
  isGone = false;
  /** What the next saves answer, as long as it is set. */
  failing: [number, unknown] | undefined;
  /** The next answers are made at once and travel until they are let go. */
  isSlow = false;
  readonly asked: string[] = [];
  readonly #travelling: { what: string; arrive: () => void }[] = [];
  readonly #heard = new Map<string, (() => void)[]>();
  readonly items = new Map<string, string>();

  constructor() {
    vi.resetModules();
    vi.useFakeTimers({ now: Date.parse(AT) });
    const listen = (kind: string, run: () => void) => void this.#heard.set(kind, [...(this.#heard.get(kind) ?? []), run]);
    vi.stubGlobal("document", { visibilityState: "visible", addEventListener: listen });
    vi.stubGlobal("addEventListener", listen);
    vi.stubGlobal("removeEventListener", () => undefined);
    vi.stubGlobal("location", { origin: "https://portale", href: "https://portale/", pathname: "/", search: "", hash: "", assign: () => undefined });
    vi.stubGlobal("navigator", { onLine: true, locks: { request: (_name: string, work: () => unknown) => work() } });
    const { items } = this;
    vi.stubGlobal("sessionStorage", {
      get length() {
        return items.size;
      },
      key: (place: number) => Array.from(items.keys())[place] ?? null,
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
      clear: () => items.clear(),
    });
    vi.stubGlobal("fetch", (url: string, init: RequestInit = {}) => this.#answer(String(url), init));
  }

  #answer(url: string, { method = "GET", body }: RequestInit): Promise<Response> {
    const what = `${method} ${url.replace(/^https:\/\/portale/, "")}`;
    this.asked.push(what);
    const [status, data] = this.#judge(what, body);
    const headers = { "content-type": status < 400 ? "application/json" : "application/problem+json" };
    const answer = new Response(typeof data === "string" ? data : JSON.stringify(data), { status, headers });
    if (!this.isSlow) return Promise.resolve(answer);
    return new Promise((done) => this.#travelling.push({ what, arrive: () => done(answer) }));
  }

  #judge(what: string, body: unknown): [number, unknown] {
    if (what.includes("/api/models/")) return [200, servedModels.get(SCHEMA)];
    if (!what.includes("/draft")) return refused(404);
    if (!what.startsWith("PATCH")) return this.isGone ? refused(404) : [200, this.view()];
    if (this.failing) return this.failing;
    for (const { field, value } of (JSON.parse(String(body)) as { changes: { field: string; value: string }[] }).changes) this.elsewhere(field, value);
    return [200, this.view()];
  }

  view(): object {
    const registries = this.isWaiting ? [{ task: "facts:inps:later", status: "waiting", attempts: 1, next_at: null, text: "" }] : [];
    return {
      id: "app_1", campaign: "2026", model: "c-stag-agricoltura", schema: SCHEMA, state: "to-complete", state_label: "Da completare", version: 1, values: { ...this.values },
      versions: {}, percent: this.percent, sections: [], errors: [], remarks: [], registries, notes: [], actions: [{ action: "save", label: "Salva" }],
    };
  }

  /** Somebody writes into the draft. */
  elsewhere(field: string, value: string): void {
    this.values[field] = { value, source: "person", at: AT };
  }

  /** The oldest such answer that travels arrives. */
  async arrives(method: string): Promise<void> {
    const place = this.#travelling.findIndex(({ what }) => what.startsWith(method));
    this.#travelling.splice(place, 1)[0]?.arrive();
    await this.pass(0);
  }

  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  async happens(kind: string): Promise<void> {
    for (const run of this.#heard.get(kind) ?? []) run();
    await this.pass(0);
  }

  count(method: string): number {
    return this.asked.filter((what) => what.startsWith(method) && what.includes("/draft")).length;
  }

  /** The site has started, and somebody is signed in. */
  async signedIn() {
    const session = await import("../../session/session");
    const { guardInput } = await import("../../form/draft/guard-input");
    guardInput();
    session.session.value = { state: "signed-in", view: { account: "acc_1" } as SessionView };
    return session;
  }

  async open() {
    const pages = await import("./open-draft");
    const opening = pages.openDraft("app_1", "acc_1");
    opening.catch(() => undefined);
    await this.pass(30_000);
    return { ...pages, draft: await opening };
  }
}

describe("an open draft", () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("never goes back to what it was before a save, whatever answer comes late", async () => {
    const { draft } = await world.open();
    world.isSlow = true;
    await world.pass(31_000);
    draft.open();
    await world.pass(0);
    draft.autosave.type("worker_surname", "ROSSI");
    world.percent = 20;
    draft.autosave.leave();
    await world.arrives("PATCH");
    expect(draft.view.value.percent).toBe(20);
    await world.arrives("GET");
    expect(draft.view.value.percent).toBe(20);
  });

  it("is saved by itself once the portal's own mistake, or an answer that nobody can read, has passed", async () => {
    const { draft } = await world.open();
    for (const failing of [refused(500), [500, "<html>"], [200, "<html>"], [200, {}]] as [number, unknown][]) {
      world.failing = failing;
      draft.autosave.type("worker_surname", `ROSSI ${"I".repeat(world.count("PATCH"))}`);
      draft.autosave.leave();
      await world.pass(2_000);
      expect(draft.autosave.state.kind, JSON.stringify(failing)).toBe("failed");
      world.failing = undefined;
      await world.pass(60_000);
      expect(draft.autosave.state.kind).toBe("saved");
    }
  });

  it("that was refused is tried again when the tab or the line comes back, and not by itself", async () => {
    const { draft } = await world.open();
    world.failing = refused(403);
    draft.autosave.type("worker_surname", "ROSSI");
    draft.autosave.leave();
    await world.pass(600_000);
    expect([draft.autosave.state.kind, world.count("PATCH")]).toEqual(["stopped", 1]);
    await world.happens("online");
    expect([draft.autosave.state.kind, world.count("PATCH")]).toEqual(["stopped", 2]);
    world.failing = undefined;
    await world.happens("visibilitychange");
    expect([draft.autosave.state.kind, world.count("PATCH")]).toEqual(["saved", 3]);
  });

  it("that is closed asks for no late values, whatever its last save still tells", async () => {
    world.isWaiting = true;
    const { draft, closeDraft } = await world.open();
    draft.autosave.type("worker_surname", "ROSSI");
    closeDraft();
    await world.pass(0);
    expect([world.count("PATCH"), draft.isBusy]).toEqual([1, false]);
    const reads = world.count("GET");
    await world.pass(3_600_000);
    expect(world.count("GET")).toBe(reads);
  });

  it("is one, and goes on with what is typed, when it is opened again while saves fail", async () => {
    const { draft, closeDraft } = await world.open();
    world.failing = refused(503);
    draft.autosave.type("worker_surname", "ROSSI");
    draft.autosave.leave();
    await world.pass(1_000);
    closeDraft();
    await world.pass(10_000);
    world.elsewhere("worker_name", "ANNA");
    const { draft: again } = await world.open();
    expect(again).toBe(draft);
    expect([again.autosave.shown("worker_surname"), again.autosave.shown("worker_name")]).toEqual(["ROSSI", "ANNA"]);
    again.autosave.type("worker_surname", "ROSSINI");
    again.autosave.leave();
    await world.pass(1_000);
    expect(world.items.get(STORED)).toContain("ROSSINI");
    world.failing = undefined;
    const saves = world.count("PATCH");
    await world.pass(60_000);
    expect([world.count("PATCH") - saves, world.values["worker_surname"]?.value]).toEqual([1, "ROSSINI"]);
    expect(world.items.has(STORED)).toBe(false);
  });

  it("with nothing to save is read anew when it is opened again", async () => {
    const { draft, closeDraft } = await world.open();
    closeDraft();
    await world.pass(0);
    expect((await world.open()).draft).not.toBe(draft);
  });

  it("that is gone when it is opened again says so, and what was typed stays stored", async () => {
    const { draft, closeDraft, openDraft } = await world.open();
    world.failing = refused(404);
    world.isGone = true;
    draft.autosave.type("worker_surname", "ROSSI");
    closeDraft();
    await world.pass(0);
    const saves = world.count("PATCH");
    const opening = openDraft("app_1", "acc_1").catch((problem: unknown) => problem);
    await world.pass(10_000);
    expect(await opening).toMatchObject({ status: 404 });
    await world.happens("online");
    expect([world.count("PATCH"), world.items.has(STORED)]).toEqual([saves, true]);
  });

  it("sends and keeps nothing once the session has ended, closed or not", async () => {
    const { draft, closeDraft } = await world.open();
    const { forgetEndedSession } = await import("../../session/session");
    world.failing = refused(503);
    draft.autosave.type("worker_surname", "ROSSI");
    closeDraft();
    await world.pass(10_000);
    const saves = world.count("PATCH");
    expect(saves).toBeGreaterThan(1);
    await forgetEndedSession();
    await world.happens("online");
    await world.pass(600_000);
    expect([world.count("PATCH"), world.items.has(STORED)]).toEqual([saves, false]);
  });

  it("is one while a file of it travels, and «Esci» names the file", async () => {
    const { draft, closeDraft } = await world.open();
    const { lostAtSignOut } = await world.signedIn();
    const bytes = () => new Promise<ArrayBuffer>(() => undefined);
    void draft.uploads.choose("field:durc_file", "DURC", { name: "a.pdf", size: 3, type: "", arrayBuffer: bytes } as File, { maxBytes: 9, formats: ["pdf"] });
    closeDraft();
    await world.pass(10_000);
    expect(await lostAtSignOut()).toContain("DURC");
    expect((await world.open()).draft).toBe(draft);
    expect(draft.uploads.state("field:durc_file").kind).toBe("preparing");
  });

  it("is named by «Esci» on any page for what is not saved, be it only wrong, even after a reload", async () => {
    const { draft, closeDraft } = await world.open();
    const label = draft.model.field("worker_birth_date")?.label ?? "";
    draft.autosave.type("worker_surname", "ROSSI");
    draft.autosave.type("worker_birth_date", "31 febbraio");
    closeDraft();
    await world.pass(0);
    const { lostAtSignOut } = await world.signedIn();
    expect(await lostAtSignOut()).toBe(texts.session.unsaved(label));
    vi.resetModules();
    const loaded = await world.signedIn();
    expect(await loaded.lostAtSignOut()).toBe(texts.session.unsaved(label));
    await loaded.forgetEndedSession();
    expect(await loaded.lostAtSignOut()).toBeNull();
  });
});
