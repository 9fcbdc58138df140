import { beforeEach, describe, expect, it } from "vitest";
import type { Verdict } from "../field-check";
import type { Value } from "../schema";
import type { Change, Entry, Outcome } from "./autosave";
import { Autosave } from "./autosave";
import type { StoredDraft, StoredValue } from "./stored-draft";

const AT = "2026-11-28T12:04:00+01:00";

/** The server and the clock: answers in the order given, else saves everything. */
class World {
  now = Date.parse(AT);
  readonly sent: { changes: readonly Change[]; isExplicit: boolean }[] = [];
  readonly answers: (Outcome | "hold")[] = [];
  readonly kept: { fields: string[]; mustLast: boolean }[] = [];
  readonly arrived: string[] = [];
  #stored: Map<string, StoredValue>;
  #timers: { at: number; run: () => void }[] = [];
  #release: (outcome: Outcome) => void = () => undefined;
  readonly autosave: Autosave;

  constructor(values: Record<string, Value> = {}) {
    this.#stored = new Map(Object.entries(values).map(([key, value]) => [key, { value, source: "person", at: AT }]));
    this.autosave = new Autosave(this.draft(), {
      now: () => this.now,
      after: (ms, run) => {
        const timer = { at: this.now + ms, run };
        this.#timers.push(timer);
        return () => void (this.#timers = this.#timers.filter((each) => each !== timer));
      },
      save: (changes, isExplicit) => this.#save(changes, isExplicit),
      check: (_, typed): Verdict =>
        typed === "wrong" ? { code: "wrong-code", message: "Ricontrolla." } : { value: typed === "" ? null : typed },
      keep: (entries, mustLast) => this.kept.push({ fields: Array.from(entries.keys()), mustLast }),
      changed: () => undefined,
      arrived: (fields) => this.arrived.push(...fields),
    });
  }

  draft(): StoredDraft {
    return { version: 1, percent: 10, values: new Map(this.#stored), questions: [] };
  }

  /** A registry, a colleague or another tab writes. */
  elsewhere(field: string, value: Value, source = "person"): void {
    this.#stored.set(field, { value, source, at: AT });
  }

  #save(changes: readonly Change[], isExplicit: boolean): Promise<Outcome> {
    this.sent.push({ changes, isExplicit });
    const answer = this.answers.shift();
    if (answer === "hold") return new Promise((resolve) => (this.#release = resolve));
    return Promise.resolve(answer ?? this.saved(changes));
  }

  saved(changes: readonly Change[]): Outcome {
    for (const { field, value } of changes) {
      if (value === null) this.#stored.delete(field);
      else this.#stored.set(field, { value, source: "person", at: AT });
    }
    return { kind: "saved", draft: this.draft() };
  }

  async release(outcome?: Outcome): Promise<void> {
    this.#release(outcome ?? this.saved(this.sent.at(-1)?.changes ?? []));
    await settled();
  }

  async pass(ms: number): Promise<void> {
    this.now += ms;
    const due = this.#timers.filter((timer) => timer.at <= this.now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.now);
    for (const { run } of due) run();
    await settled();
  }

  fields(place: number): string[] | undefined {
    return this.sent[place]?.changes.map(({ field }) => field);
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

let world: World;
beforeEach(() => {
  world = new World({ name: "Anna" });
});

describe("saving by itself", () => {
  it("waits for a pause of a second and a half after the last key", async () => {
    world.autosave.type("surname", "R");
    await world.pass(1_000);
    world.autosave.type("surname", "Ro");
    await world.pass(1_499);
    expect(world.sent).toEqual([]);
    await world.pass(1);
    expect(world.sent[0]?.changes).toEqual([{ field: "surname", base: null, value: "Ro" }]);
    expect(world.autosave.state).toEqual({ kind: "saved", at: world.now });
    expect(world.autosave.entries.size).toBe(0);
  });

  it("does not wait when the field is left", async () => {
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
    expect(world.fields(0)).toEqual(["surname"]);
    await world.pass(5_000);
    expect(world.sent).toHaveLength(1);
  });

  it("has one request under way, and sends at once what was typed meanwhile", async () => {
    world.answers.push("hold");
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    world.autosave.type("surname", "Rosso");
    world.autosave.leave();
    world.autosave.type("city", "Foggia");
    world.autosave.leave();
    await settled();
    expect(world.sent).toHaveLength(1);
    await world.release();
    expect(world.sent[1]?.changes).toEqual([
      { field: "surname", base: "Rossi", value: "Rosso" },
      { field: "city", base: null, value: "Foggia" },
    ]);
    expect(world.sent).toHaveLength(2);
  });

  it("sends a value that was typed back while the other one was under way", async () => {
    world.answers.push("hold");
    world.autosave.type("name", "Anno");
    world.autosave.leave();
    world.autosave.type("name", "Anna");
    world.autosave.leave();
    await world.release();
    expect(world.sent[1]?.changes).toEqual([{ field: "name", base: "Anno", value: "Anna" }]);
  });

  it("sends nothing that is typed back to what is stored", async () => {
    world.autosave.type("name", "Annа");
    world.autosave.type("name", "Anna");
    await world.pass(2_000);
    expect(world.sent).toEqual([]);
  });

  it("keeps what it holds for wrong, and saves the rest", async () => {
    world.autosave.type("code", "wrong");
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
    expect(world.fields(0)).toEqual(["surname"]);
    expect(world.autosave.mistake("code")).toBe("Ricontrolla.");
    expect(world.autosave.shown("code")).toBe("wrong");
    expect(world.autosave.answers().has("code")).toBe(false);
  });

  it("clears a field by null, and the field that had nothing by nothing", async () => {
    world.autosave.type("name", "");
    world.autosave.type("surname", "");
    world.autosave.leave();
    await settled();
    expect(world.sent[0]?.changes).toEqual([{ field: "name", base: "Anna", value: null }]);
  });

  it("tells an explicit save apart, even where nothing changed", async () => {
    await world.autosave.saveExplicitly();
    expect(world.sent).toEqual([{ changes: [], isExplicit: true }]);
  });

  it("splits more changes than the API takes", async () => {
    for (let number = 0; number < 201; number += 1) world.autosave.type(`field_${number}`, number);
    world.autosave.leave();
    await settled();
    expect(world.sent.map(({ changes }) => changes.length)).toEqual([200, 1]);
  });
});

describe("a refusal", () => {
  it("of one field of three saves the two others at once", async () => {
    world.answers.push({ kind: "refused", errors: [{ field: "code", message: "Il codice non esiste." }] });
    for (const field of ["code", "surname", "city"]) world.autosave.type(field, "x");
    world.autosave.leave();
    await settled();
    expect(world.sent.map((_, place) => world.fields(place))).toEqual([["code", "surname", "city"], ["surname", "city"]]);
    expect(world.autosave.mistake("code")).toBe("Il codice non esiste.");
    expect(Array.from(world.autosave.entries.keys())).toEqual(["code"]);
    expect(world.autosave.answers().has("code")).toBe(false);
    world.autosave.type("code", "y");
    expect(world.autosave.mistake("code")).toBeUndefined();
    world.autosave.leave();
    await settled();
    expect(world.fields(2)).toEqual(["code"]);
  });

  it("that rides on a save keeps its field and lets the others go", async () => {
    world.answers.push("hold");
    for (const field of ["code", "surname", "city"]) world.autosave.type(field, "x");
    world.autosave.leave();
    world.autosave.type("city", "y");
    const refused = ["code", "city"].map((field) => ({ field, message: `Correggi ${field}.` }));
    await world.release({ kind: "saved", draft: { ...world.draft(), version: 2 }, refused });
    expect(world.autosave.state.kind).toBe("saved");
    expect(world.autosave.mistake("code")).toBe("Correggi code.");
    expect(Array.from(world.autosave.entries.keys())).toEqual(["code"]);
    // What was typed since is judged anew; the refused one is not sent again.
    expect(world.sent.map((_, place) => world.fields(place))).toEqual([["code", "surname", "city"], ["city"]]);
    expect(world.kept.at(-1)?.fields).toEqual(["code"]);
    world.autosave.type("code", "z");
    world.autosave.leave();
    await settled();
    expect(world.fields(2)).toEqual(["code"]);
  });

  it("says nothing about what was typed since", async () => {
    world.answers.push("hold");
    world.autosave.type("code", "x");
    world.autosave.leave();
    world.autosave.type("code", "y");
    await world.release({ kind: "refused", errors: [{ field: "code", message: "Il codice non esiste." }] });
    expect(world.fields(1)).toEqual(["code"]);
    expect(world.autosave.entries.size).toBe(0);
  });

  it("that names no field of ours is not repeated for ever", async () => {
    world.answers.push({ kind: "refused", errors: [{ field: "changes[0]", message: "Ogni modifica ha field." }] });
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await world.pass(120_000);
    expect(world.sent).toHaveLength(1);
    expect(world.autosave.state).toEqual({ kind: "stopped", cause: "Ogni modifica ha field." });
    expect(world.autosave.shown("surname")).toBe("Rossi");
  });

  it("keeps an explicit save explicit", async () => {
    world.answers.push({ kind: "refused", errors: [{ field: "code", message: "No." }] });
    world.autosave.type("code", "x");
    world.autosave.type("surname", "Rossi");
    await world.autosave.saveExplicitly();
    expect(world.sent.map(({ isExplicit }) => isExplicit)).toEqual([true, true]);
  });
});

describe("a conflict", () => {
  const conflict = { field: "name", yours: "Anne", theirs: "Anita", base: "Anna" };

  async function contested(): Promise<void> {
    world.answers.push({ kind: "conflict", conflicts: [conflict] });
    world.elsewhere("name", "Anita");
    world.autosave.type("name", "Anne");
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
  }

  it("saves the rest and asks about the field", async () => {
    await contested();
    expect(world.fields(1)).toEqual(["surname"]);
    expect(world.autosave.conflicts).toEqual([conflict]);
    await world.pass(60_000);
    expect(world.sent).toHaveLength(2);
  });

  it("is settled by one's own value, which then overwrites theirs knowingly", async () => {
    await contested();
    world.autosave.resolve("name", "mine");
    await settled();
    expect(world.sent[2]?.changes).toEqual([{ field: "name", base: "Anita", value: "Anne" }]);
    expect(world.autosave.conflicts).toEqual([]);
  });

  it("is settled by theirs, which nobody sends again", async () => {
    await contested();
    world.autosave.resolve("name", "theirs");
    await world.pass(60_000);
    expect(world.autosave.shown("name")).toBe("Anita");
    expect(world.sent).toHaveLength(2);
  });

  it("of the only field shows theirs at once, without another read", async () => {
    world.answers.push({ kind: "conflict", conflicts: [conflict] });
    world.autosave.type("name", "Anne");
    world.autosave.leave();
    await settled();
    world.autosave.resolve("name", "theirs");
    expect(world.autosave.shown("name")).toBe("Anita");
    expect(world.sent).toHaveLength(1);
  });

  it("asks about what is typed last", async () => {
    await contested();
    world.autosave.type("name", "Annina");
    await world.pass(60_000);
    expect(world.autosave.conflicts).toEqual([{ ...conflict, yours: "Annina" }]);
    expect(world.sent).toHaveLength(2);
  });
});

describe("a bad line", () => {
  const failed: Outcome = { kind: "failed", cause: "Sei senza connessione." };

  it("is tried again by itself, more and more seldom, with what was typed meanwhile", async () => {
    world.answers.push(failed, failed);
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
    expect(world.autosave.state).toEqual({ kind: "failed", cause: "Sei senza connessione." });
    expect(world.kept.at(-1)).toEqual({ fields: ["surname"], mustLast: true });
    await world.pass(2_000);
    expect(world.sent).toHaveLength(2);
    await world.pass(3_999);
    expect(world.sent).toHaveLength(2);
    await world.pass(1);
    expect(world.sent).toHaveLength(3);
    expect(world.autosave.state.kind).toBe("saved");
    expect(world.kept.at(-1)).toEqual({ fields: [], mustLast: false });
  });

  it("interrupts whoever listens once, and again when somebody wants to know", async () => {
    world.answers.push(failed, failed, failed);
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
    await world.pass(2_000);
    expect([world.sent.length, world.autosave.alarms]).toEqual([2, 1]);
    await world.autosave.saveExplicitly();
    expect([world.sent.length, world.autosave.alarms]).toEqual([3, 2]);
    await world.pass(2_000);
    expect(world.autosave.state.kind).toBe("saved");
    world.answers.push(failed, { kind: "stopped", cause: "Il periodo è terminato." });
    world.autosave.type("surname", "Rosso");
    world.autosave.leave();
    await settled();
    await world.pass(2_000);
    // That it will not be tried again is news.
    expect([world.autosave.state.kind, world.autosave.alarms]).toEqual(["stopped", 4]);
  });

  it("is not tried again once nothing shall be sent any more", async () => {
    world.answers.push(failed, "hold");
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
    await world.pass(2_000);
    expect(world.autosave.isBusy).toBe(true);
    const kept = world.kept.length;
    world.autosave.end();
    world.answers.push(failed);
    await world.release(failed);
    await world.pass(120_000);
    expect([world.sent.length, world.kept.length]).toEqual([2, kept]);
  });

  it("waits as long as the server says", async () => {
    world.answers.push({ ...failed, retryAfterMs: 20_000 });
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
    await world.pass(19_999);
    expect(world.sent).toHaveLength(1);
    await world.pass(1);
    expect(world.sent).toHaveLength(2);
  });

  it("is sent at once when it is good again", async () => {
    world.answers.push(failed);
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
    await world.autosave.resume();
    expect(world.autosave.state.kind).toBe("saved");
  });

  it("and a session that is over stops until somebody has signed in again", async () => {
    world.answers.push({ kind: "stopped", cause: "La sessione è finita." });
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
    world.autosave.type("city", "Foggia");
    await world.pass(60_000);
    expect(world.sent).toHaveLength(1);
    await world.autosave.resume();
    expect(world.fields(1)).toEqual(["surname", "city"]);
  });

  it("and what stopped is tried again by «Salva», which tells what became of it", async () => {
    const stopped: Outcome = { kind: "stopped", cause: "Il periodo è terminato." };
    world.answers.push(stopped, stopped);
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
    world.autosave.type("city", "Foggia");
    await world.autosave.saveExplicitly();
    expect(world.sent[1]).toMatchObject({ isExplicit: true });
    expect(world.fields(1)).toEqual(["surname", "city"]);
    expect(world.autosave.state).toEqual(stopped);
    await world.pass(600_000);
    expect(world.sent).toHaveLength(2);
    // Whoever tries again after «Salva» wants its trace in the history, too.
    await world.autosave.resume();
    expect(world.sent[2]).toMatchObject({ isExplicit: true });
    expect(world.autosave.state.kind).toBe("saved");
  });
});

describe("what comes from elsewhere", () => {
  it("is named, whether it rode on a save or was asked for", async () => {
    world.elsewhere("inps_number", "0123", "registry:inps");
    world.autosave.type("surname", "Rossi");
    world.autosave.leave();
    await settled();
    expect(world.arrived).toEqual(["inps_number"]);
    world.elsewhere("inps_position", "77", "registry:inps");
    world.autosave.receive(world.draft(), world.autosave.beginRead());
    expect(world.arrived).toEqual(["inps_number", "inps_position"]);
  });

  it("leaves what is typed and where somebody is", () => {
    world.autosave.enter("name");
    world.autosave.type("surname", "Rossi");
    world.elsewhere("name", "Anita");
    world.elsewhere("surname", "Bianchi");
    world.autosave.receive(world.draft(), world.autosave.beginRead());
    expect(world.autosave.shown("name")).toBe("Anna");
    expect(world.autosave.shown("surname")).toBe("Rossi");
    world.autosave.leave();
    expect(world.autosave.shown("name")).toBe("Anita");
  });

  it("does not become what the person began with: the server has to see the difference", async () => {
    world.autosave.type("name", "Anne");
    world.elsewhere("name", "Anita");
    world.autosave.receive(world.draft(), world.autosave.beginRead());
    world.autosave.type("name", "Annetta");
    world.autosave.leave();
    await settled();
    expect(world.sent[0]?.changes).toEqual([{ field: "name", base: "Anna", value: "Annetta" }]);
  });

  it("is not taken where a save has overtaken it", async () => {
    const mark = world.autosave.beginRead();
    const old = world.draft();
    world.autosave.type("name", "Anita");
    world.autosave.leave();
    await settled();
    expect(world.autosave.receive(old, mark)).toBe(false);
    expect(world.autosave.shown("name")).toBe("Anita");
  });

  it("is not taken where a later read has overtaken it, either", () => {
    const mark = world.autosave.beginRead();
    const old = world.draft();
    world.elsewhere("name", "Anita");
    expect(world.autosave.receive(world.draft(), world.autosave.beginRead())).toBe(true);
    expect(world.autosave.receive(old, mark)).toBe(false);
    expect(world.autosave.shown("name")).toBe("Anita");
  });
});

describe("after a reload", () => {
  it("what was typed stands in its field and is sent, with what it began with", async () => {
    const entries = new Map<string, Pick<Entry, "typed" | "base">>([
      ["name", { typed: "Anne", base: "Anna" }],
      ["code", { typed: "wrong", base: null }],
      ["city", { typed: "", base: null }],
    ]);
    world.autosave.restore(entries);
    await settled();
    expect(world.sent[0]?.changes).toEqual([{ field: "name", base: "Anna", value: "Anne" }]);
    expect(world.autosave.shown("code")).toBe("wrong");
    expect(Array.from(world.autosave.entries.keys())).toEqual(["code"]);
  });
});
