import { beforeEach, describe, expect, it } from "vitest";
import type { OpenUpload, UploadBody, UploadView } from "../api/generated";
import { Problem } from "../api/problem";
import { uploadTexts } from "../texts/it/uploads";
import { Uploads, type Put, type Readable } from "./uploads";

const PURPOSE = "field:durc_file";
const limits = { maxBytes: 2_000_000, formats: ["pdf"] };
const file = (name = "durc.pdf", size = 3): Readable => ({ name, size, type: "", arrayBuffer: () => Promise.resolve(new ArrayBuffer(size)) });
const refusal = (status: number, more: object = {}) =>
  Problem.of(status, { type: "https://x/y", title: "T", status, detail: "Perché.", request_id: "r", ...more }, new Headers());

async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

/** The portal, the bucket, the clock and the tab's storage. */
class World {
  readonly asked: UploadBody[] = [];
  readonly said: string[] = [];
  readonly kept = new Map<string, string>();
  readonly reads: number[] = [];
  /** What the next reads answer; the last one stays. */
  verdicts: (UploadView | Problem)[] = [];
  listed: UploadView[] = [];
  attempts = 10;
  permission: Problem | undefined;
  put: Put | "hold" = "sent";
  isOnline = true;
  taken = 0;
  now = 0;
  aborted = false;
  progress: (percent: number) => void = () => undefined;
  finish: (put: Put) => void = () => undefined;
  #timers: { at: number; run: () => void }[] = [];
  readonly uploads: Uploads<Readable>;

  constructor() {
    this.uploads = new Uploads<Readable>({
      ask: (body) => {
        this.asked.push(body);
        if (this.permission) return Promise.reject(this.permission);
        return Promise.resolve({ upload: `upl_${this.asked.length}`, url: "https://bucket/x", headers: [], until: "" });
      },
      put: (_permission, _file, progress, signal) => {
        this.progress = progress;
        signal.addEventListener("abort", () => (this.aborted = true));
        if (this.put !== "hold") return Promise.resolve(this.put);
        return new Promise((done) => (this.finish = done));
      },
      read: () => {
        this.reads.push(this.now);
        const verdict = this.verdicts.length > 1 ? this.verdicts.shift() : this.verdicts[0];
        return verdict instanceof Problem ? Promise.reject(verdict) : Promise.resolve(verdict ?? view("awaited"));
      },
      list: () => Promise.resolve({ uploads: this.listed, open: [{ purpose: PURPOSE, attempts_left: this.attempts } as OpenUpload] }),
      digest: () => Promise.resolve("ab".repeat(32)),
      after: (ms, run) => {
        const timer = { at: this.now + ms, run };
        this.#timers.push(timer);
        return () => void (this.#timers = this.#timers.filter((each) => each !== timer));
      },
      now: () => this.now,
      isOnline: () => this.isOnline,
      kept: {
        get: (purpose) => this.kept.get(purpose) ?? null,
        set: (purpose, upload) => void (upload === null ? this.kept.delete(purpose) : this.kept.set(purpose, upload)),
      },
      accepted: () => Promise.resolve(void (this.taken += 1)),
      changed: () => undefined,
      say: (text) => this.said.push(text),
    });
  }

  async choose(chosen = file()): Promise<void> {
    void this.uploads.choose(PURPOSE, "DURC", chosen, limits);
    await settled();
  }

  async pass(ms: number): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += 1_000;
      const due = this.#timers.filter((timer) => timer.at <= this.now);
      this.#timers = this.#timers.filter((timer) => timer.at > this.now);
      for (const { run } of due) run();
      await settled();
    }
  }

  get state() {
    return this.uploads.state(PURPOSE);
  }
}

function view(state: string, more: Partial<UploadView> = {}): UploadView {
  return { upload: "upl_1", purpose: PURPOSE, label: "DURC", state, message: "Messaggio.", refusals: [], not_checked: [], asked: "", until: "", bytes: 3, sha256: "", ...more };
}

let world: World;
beforeEach(() => {
  world = new World();
});

describe("a file that is sent", () => {
  it("is declared, travels in words and is asked about at 2, 4, 8, 15 and 30 seconds", async () => {
    world.put = "hold";
    await world.choose();
    expect(world.asked).toEqual([{ purpose: PURPOSE, media_type: "application/pdf", bytes: 3, sha256: "ab".repeat(32) }]);
    world.progress(40);
    expect(world.state).toEqual({ kind: "sending", name: "durc.pdf", percent: 40 });
    world.finish("sent");
    await settled();
    expect(world.kept.get(PURPOSE)).toBe("upl_1");
    await world.pass(120_000);
    expect(world.reads).toEqual([2_000, 4_000, 8_000, 15_000, 30_000]);
    expect(world.state).toEqual({ kind: "checking", name: "durc.pdf", isSlow: true });
    world.verdicts = [view("accepted")];
    world.uploads.wake();
    await settled();
    expect(world.state).toEqual({ kind: "none" });
  });

  it("and passes makes the draft be read again, and nothing is kept of it", async () => {
    world.verdicts = [view("awaited"), refusal(503), view("accepted")];
    await world.choose();
    await world.pass(8_000);
    expect([world.taken, world.state.kind, world.kept.size]).toEqual([1, "none", 0]);
    expect(world.said.at(-1)).toBe(uploadTexts.accepted("DURC"));
  });

  it("and is refused shows every reason, until another one is chosen", async () => {
    const refusals = [{ code: "a", text: "Il PDF è cifrato." }, { code: "b", text: "La firma manca." }];
    world.verdicts = [view("refused", { refusals })];
    await world.choose();
    await world.pass(2_000);
    expect(world.state).toEqual({ kind: "refused", name: "durc.pdf", message: "Messaggio.", reasons: ["Il PDF è cifrato.", "La firma manca."] });
    expect(world.said.at(-1)).toContain("Il PDF è cifrato. La firma manca.");
    await world.choose(file("altro.pdf"));
    expect(world.state.kind).toBe("checking");
  });

  it("and is cancelled is left, and not taken up after a reload", async () => {
    world.put = "hold";
    await world.choose();
    world.uploads.cancel(PURPOSE);
    world.finish("sent");
    await settled();
    expect([world.aborted, world.state.kind, world.kept.get(PURPOSE)]).toEqual([true, "none", ""]);
    world.listed = [view("awaited")];
    await world.uploads.open();
    expect(world.state.kind).toBe("none");
  });

  it("is replaced by one that is chosen meanwhile: the older answer counts for nothing", async () => {
    world.put = "hold";
    await world.choose();
    const { finish } = world;
    world.put = "sent";
    await world.choose(file("nuovo.pdf"));
    finish("cut");
    await settled();
    expect(world.state).toEqual({ kind: "checking", name: "nuovo.pdf", isSlow: false });
  });
});

describe("a file that does not go", () => {
  it("of the wrong type or too large asks nothing of the portal", async () => {
    await world.choose(file("foto.exe"));
    expect(world.state).toMatchObject({ kind: "failed", mayRetry: false });
    await world.choose(file("durc.pdf", 2_000_001));
    expect(world.state).toMatchObject({ kind: "failed", mayRetry: false });
    expect(world.asked).toEqual([]);
  });

  it("offline can be tried again with the same file", async () => {
    world.isOnline = false;
    await world.choose();
    expect(world.state).toMatchObject({ kind: "failed", cause: uploadTexts.offline, mayRetry: true });
    world.isOnline = true;
    world.uploads.retry(PURPOSE);
    await settled();
    expect(world.state.kind).toBe("checking");
  });

  it("on a cut line, after its time, or without a session says so", async () => {
    world.put = "cut";
    await world.choose();
    expect(world.state).toMatchObject({ kind: "failed", cause: uploadTexts.cut, mayRetry: true });
    world.put = "refused";
    await world.choose();
    expect(world.state).toMatchObject({ cause: uploadTexts.late });
    world.permission = refusal(401);
    await world.choose();
    expect(world.state).toMatchObject({ cause: "Perché.", mayRetry: true });
    world.permission = refusal(422, { errors: [{ field: "bytes", code: "x", message: "Troppo grande." }] });
    await world.choose();
    expect(world.state).toMatchObject({ cause: "Troppo grande.", mayRetry: false });
  });

  it("once the attempts are exhausted is not asked for", async () => {
    world.attempts = 0;
    await world.uploads.open();
    await world.choose();
    expect(world.state).toMatchObject({ kind: "failed", cause: uploadTexts.exhausted, mayRetry: false });
    expect(world.asked).toEqual([]);
    world.attempts = 2;
    await world.uploads.open();
    expect(world.uploads.attemptsInWords(PURPOSE)).toBe("Puoi caricare ancora 2 file.");
  });

  it("once too many are under way, it is said until when, and then the portal is asked again", async () => {
    world.attempts = 0;
    world.kept.set(PURPOSE, "");
    world.listed = ["1970-01-01T00:20:00Z", "1970-01-01T00:10:00Z", ""].map((until, n) => view("awaited", { upload: `upl_${n}`, until }));
    await world.uploads.open();
    expect(world.uploads.closedInWords(PURPOSE)).toBe(uploadTexts.exhaustedUntil("01:10"));
    world.listed = [];
    world.attempts = 1;
    await world.pass(599_000);
    expect(world.uploads.closedInWords(PURPOSE)).toBe(uploadTexts.exhaustedUntil("01:10"));
    await world.pass(3_000);
    expect(world.uploads.closedInWords(PURPOSE)).toBeUndefined();
  });
});

describe("a page that is left while a file travels", () => {
  beforeEach(async () => {
    world.put = "hold";
    await world.choose();
    world.listed = [view("awaited")];
  });

  it("lets it arrive, and asks for its verdict on return", async () => {
    world.uploads.rest();
    expect(world.uploads.travelling).toEqual(["DURC"]);
    world.finish("sent");
    await world.pass(60_000);
    expect([world.aborted, world.reads, world.uploads.travelling]).toEqual([false, [], []]);
    await world.uploads.open();
    expect(world.state).toEqual({ kind: "checking", name: uploadTexts.nameless, isSlow: false });
    world.verdicts = [view("accepted")];
    await world.pass(2_000);
    expect([world.taken, world.state.kind]).toEqual([1, "none"]);
  });

  it("shows on return how far it is", async () => {
    world.uploads.rest();
    await world.uploads.open();
    world.progress(70);
    expect(world.state).toEqual({ kind: "sending", name: "durc.pdf", percent: 70 });
    world.finish("sent");
    await settled();
    expect(world.state).toEqual({ kind: "checking", name: "durc.pdf", isSlow: false });
  });

  it("by «Esci» aborts it, and nothing travels any more", async () => {
    world.uploads.stop();
    world.finish("cut");
    await settled();
    expect([world.aborted, world.state.kind, world.uploads.travelling]).toEqual([true, "none", []]);
  });

  it("by a reload says that it has to be chosen again, until it is", async () => {
    for (let reload = 0; reload < 2; reload += 1) {
      world = reloaded(world);
      await world.uploads.open();
      expect(world.state).toEqual({ kind: "failed", name: uploadTexts.nameless, cause: uploadTexts.unfinished, mayRetry: false });
    }
    await world.choose();
    world.listed = [view("awaited"), view("awaited", { upload: "upl_0" })];
    world = reloaded(world);
    await world.uploads.open();
    expect(world.state.kind).toBe("checking");
  });

  it("in the instant in which it arrived is told the verdict all the same", async () => {
    world = reloaded(world);
    world.listed = [view("refused", { refusals: [{ code: "a", text: "Il PDF è cifrato." }] })];
    await world.uploads.open();
    expect(world.state).toMatchObject({ kind: "refused", reasons: ["Il PDF è cifrato."] });
    world.uploads.dismiss(PURPOSE);
    world = reloaded(world);
    await world.uploads.open();
    expect(world.state.kind).toBe("none");
  });
});

/** The same tab and portal with a page that has just been loaded. */
function reloaded({ kept, listed }: World): World {
  const next = new World();
  for (const [purpose, upload] of kept) next.kept.set(purpose, upload);
  next.listed = listed;
  return next;
}

describe("after a reload", () => {
  it("it is not said that a file was sent which only another tab knows of", async () => {
    world.listed = [view("awaited")];
    await world.uploads.open();
    expect(world.state).toEqual({ kind: "checking", name: uploadTexts.nameless, isSlow: false, told: "Messaggio." });
  });

  it("what is being checked is asked about again", async () => {
    world.kept.set(PURPOSE, "upl_1");
    world.listed = [view("awaited"), view("refused", { upload: "upl_0" })];
    world.verdicts = [view("accepted")];
    await world.uploads.open();
    expect(world.state).toEqual({ kind: "checking", name: uploadTexts.nameless, isSlow: false });
    await world.pass(2_000);
    expect([world.taken, world.state.kind]).toEqual([1, "none"]);
  });

  it("a verdict that came meanwhile is told, an older one is not", async () => {
    world.listed = [view("refused", { refusals: [{ code: "a", text: "Il PDF è cifrato." }] })];
    await world.uploads.open();
    expect(world.state).toMatchObject({ kind: "refused", reasons: ["Il PDF è cifrato."] });
    world = new World();
    world.kept.set(PURPOSE, "upl_1");
    world.listed = [view("accepted"), view("refused", { upload: "upl_0" })];
    await world.uploads.open();
    expect([world.taken, world.state.kind, world.kept.size]).toEqual([1, "none", 0]);
  });
});
