import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api, call, Problem } from "./client";
import { connection } from "./connection";
import { hadSession, sessionEnded } from "./refresh";

interface Canned {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

const requests: { url: string; init: RequestInit }[] = [];
let answers: Record<string, (Canned | "cut")[]> = {};

function json({ status, body, headers }: Canned): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { "content-type": type, ...headers } });
}

const problem = (status: number, kind: string, more: object = {}): Canned => ({
  status,
  body: { type: `/problemi/${kind}`, title: "Titolo", status, detail: "Che cosa fare.", request_id: "r-1", ...more },
});

beforeEach(() => {
  requests.length = 0;
  answers = {};
  sessionEnded.value = false;
  hadSession.value = true;
  vi.useFakeTimers();
  const locks = { request: (_name: string, work: () => unknown) => work() };
  vi.stubGlobal("navigator", { onLine: true, locks });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    requests.push({ url, init });
    const next = answers[url]?.shift();
    if (!next || next === "cut") throw new TypeError("Failed to fetch");
    return json(next);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const read = () => call((options) => api.readApplication("a1", options));

async function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  await vi.runAllTimersAsync();
  return promise;
}

describe("a call", () => {
  it("goes to our own origin with our cookies and no cache", async () => {
    answers["/api/applications/a1"] = [{ status: 200, body: { id: "a1" } }];
    expect((await settled(read())).data.id).toBe("a1");
    expect(requests[0]?.init).toMatchObject({ credentials: "same-origin", cache: "no-store" });
  });

  it("throws a problem with all its members", async () => {
    answers["/api/applications/a1"] = [
      problem(409, "finestra-non-aperta", { opens_at: "2026-01-12T09:00:00+01:00", retry_after_ms: 12, errors: [{ field: "x", code: "c", message: "Scrivi x." }] }),
    ];
    const thrown = await settled(read()).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Problem);
    const refused = thrown as Problem;
    expect([refused.status, refused.kind, refused.requestId, refused.retryAfterMs]).toEqual([409, "finestra-non-aperta", "r-1", 12]);
    expect(refused.text("opens_at")).toBe("2026-01-12T09:00:00+01:00");
    expect(refused.messageFor("x")).toBe("Scrivi x.");
  });

  it("repeats a read three times, and says so only when all failed", async () => {
    answers["/api/applications/a1"] = ["cut", { status: 503 }, { status: 502 }, { status: 200, body: { id: "a1" } }];
    expect((await settled(read())).data.id).toBe("a1");
    answers["/api/applications/a1"] = ["cut", "cut", "cut", "cut"];
    await expect(settled(read())).rejects.toMatchObject({ kind: "rete", status: 0 });
  });

  it("never repeats a change by itself", async () => {
    answers["/api/applications/a1"] = ["cut", { status: 204 }];
    await expect(settled(call((options) => api.deleteDraft("a1", options)))).rejects.toMatchObject({ kind: "rete" });
    expect(requests).toHaveLength(1);
  });

  it("refreshes once after a 401 and goes on", async () => {
    answers["/api/applications/a1"] = [problem(401, "sessione-scaduta"), { status: 200, body: { id: "a1" } }];
    answers["/api/session/refresh"] = [{ status: 200, body: {} }];
    expect((await settled(read())).data.id).toBe("a1");
    expect(sessionEnded.value).toBe(false);
  });

  it("says that the session ended only when the refresh says 401", async () => {
    answers["/api/applications/a1"] = Array.from({ length: 5 }, () => problem(401, "sessione-scaduta"));
    answers["/api/session/refresh"] = [
      problem(503, "servizio-non-disponibile"), { status: 500 }, problem(429, "troppe-richieste", { retry_after_s: 30 }), "cut", problem(401, "sessione-scaduta"),
    ];
    await expect(settled(read())).rejects.toMatchObject({ status: 503, kind: "servizio-non-disponibile", isPassing: true });
    await expect(settled(read())).rejects.toMatchObject({ status: 503, kind: "risposta-illeggibile", isPassing: true });
    await expect(settled(read())).rejects.toMatchObject({ status: 429, retryAfterMs: 30_000 });
    await expect(settled(read())).rejects.toMatchObject({ status: 0, kind: "rete" });
    expect(sessionEnded.value).toBe(false);
    await expect(settled(read())).rejects.toMatchObject({ status: 401 });
    expect(sessionEnded.value).toBe(true);
  });

  it("no longer says that it tries again once the page went on", async () => {
    answers["/api/applications/a1"] = ["cut"];
    const leaving = new AbortController();
    const reading = call((options) => api.readApplication("a1", options), { signal: leaving.signal });
    reading.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(1);
    expect(connection.value).toBe("retrying");
    leaving.abort();
    await vi.advanceTimersByTimeAsync(1);
    expect(connection.value).toBe("good");
  });

  it("calls an answer that is no document unreadable, and quotes no part of it", async () => {
    answers["/api/applications/a1"] = [{ status: 404, body: { message: "Not Found" } }];
    await expect(settled(read())).rejects.toMatchObject({ kind: "risposta-illeggibile", status: 404 });
  });
});
